import Glibc
import TestSupport

/// Something on this machine to connect to: a port, a socket in a file, and a socket with an abstract name.
final class LoopbackListener: Sendable {
    let port: UInt16
    let socketPath: String
    let abstractName: String
    private let descriptors: [Int32]
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("grapnel-socket")
        socketPath = directory.file("hub.sock")
        abstractName = "grapnel-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let stream = Int32(SOCK_STREAM.rawValue)
        let tcp = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let length = size
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(tcp, generic, length) == 0 && listen(tcp, 4) == 0 && getsockname(tcp, generic, &size) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        let local = [Array(socketPath.utf8), [0] + Array(abstractName.utf8)].map { name in
            LoopbackListener.listening(to: name, stream)
        }
        descriptors = [tcp] + local
        guard isBound, !descriptors.contains(where: { $0 < 0 }) else { throw HostedError("no loopback: \(errno)") }
    }

    private static func listening(to name: [UInt8], _ stream: Int32) -> Int32 {
        let descriptor = socket(AF_UNIX, stream, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 && listen(descriptor, 4) == 0
            }
        }
        return isBound ? descriptor : -1
    }

    /// Whether somebody has connected.
    var wasReached: Bool {
        descriptors.contains { descriptor in
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&waiting, 1, 0) > 0
        }
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
