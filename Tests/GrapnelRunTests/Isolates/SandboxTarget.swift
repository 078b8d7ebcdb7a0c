import Glibc
import TestSupport

/// Things outside the sandbox that an attempt could reach if nothing held: a file, a TCP port, an abstract socket and
/// a shared segment.
final class SandboxTarget {
    let file: String
    /// The probe, where every user can execute it.
    let probe: String
    let port: UInt16
    let abstractSocket: String
    let segmentKey: key_t
    private let directory: TemporaryDirectory
    private let sockets: [Int32]
    private let segment: Int32

    init() throws {
        directory = try TemporaryDirectory()
        file = directory.file("target")
        chmod(directory.file(""), 0o755)
        probe = directory.file("sandbox-probe")
        try SandboxTarget.copy("\(Checkout.root)/.build/debug/sandbox-probe", to: probe)
        let descriptor = open(file, O_WRONLY | O_CREAT, 0o666)
        fchmod(descriptor, 0o666)
        _ = write(descriptor, "target", 6)
        close(descriptor)

        let stream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(stream, $0, size)
                _ = getsockname(stream, $0, &size)
            }
        }
        listen(stream, 64)
        port = UInt16(bigEndian: name.sin_port)

        let hidden = Array("grapnel-target-\(getpid())-\(port)".utf8)
        abstractSocket = String(decoding: hidden, as: UTF8.self)
        let local = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var path = sockaddr_un()
        path.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &path.sun_path) {
            UnsafeMutableRawBufferPointer(rebasing: $0.dropFirst()).copyBytes(from: hidden)
        }
        let length = socklen_t(2 + 1 + hidden.count)
        withUnsafePointer(to: &path) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = bind(local, $0, length) }
        }
        listen(local, 64)
        sockets = [stream, local]

        segmentKey = key_t(0x4772_0000) + key_t(port)
        segment = shmget(segmentKey, 4096, Int32(IPC_CREAT) | 0o666)
    }

    /// Copies a program.
    static func copy(_ source: String, to path: String) throws {
        guard let from = fopen(source, "rb"), let to = fopen(path, "wb") else { throw HostedError("no \(source)") }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, from), count > 0 { fwrite(chunk, 1, count, to) }
        fclose(from)
        fclose(to)
        chmod(path, 0o755)
    }

    deinit {
        for socket in sockets { close(socket) }
        shmctl(segment, Int32(IPC_RMID), nil)
    }
}
