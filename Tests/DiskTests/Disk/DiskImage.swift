import Glibc
import TestSupport

/// What a power cut left of a folder, and how much of what was not synced came through.
struct DiskImage: Sendable {
    var files: [String: [UInt8]] = [:]
    /// Changes that came through whole.
    var applied = 0
    /// Changes that came through in part.
    var torn = 0
    /// Changes that did not come through.
    var dropped = 0

    /// Writes the files into `folder`.
    func write(into folder: TemporaryDirectory) throws {
        for (name, bytes) in files {
            guard let file = fopen(folder.file(name), "w") else { throw DiskImageError(code: errno) }
            defer { fclose(file) }
            let count = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
            guard count == bytes.count else { throw DiskImageError(code: errno) }
        }
    }
}
