import Glibc
import TestSupport

/// Makes the disk of a hub's database fail and be well again, from outside (`FaultPreload`).
final class DiskControl: Sendable {
    /// How it fails.
    enum Failure: String {
        case full, readOnly, sync
        /// The names that a folder was given cannot be made sure of.
        case directory
    }

    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory("disk-control") }

    /// What the hub is started with.
    var environment: [String: String] {
        [
            "LD_PRELOAD": "\(Checkout.root)/.build/debug/libFaultPreload.so",
            "GRAPNEL_TEST_DISK_CONTROL": folder.file("control"),
        ]
    }

    func fail(_ failure: Failure) throws {
        guard let file = fopen(folder.file("control"), "w") else { throw HarnessError("the control file: \(errno)") }
        defer { fclose(file) }
        fputs(failure.rawValue, file)
    }

    func mend() { unlink(folder.file("control")) }
}
