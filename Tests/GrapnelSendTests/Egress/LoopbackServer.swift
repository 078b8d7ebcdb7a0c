import Glibc
import Synchronization

/// A server on a loopback port that says exactly what a test wants said, on raw sockets and threads of its own.
final class LoopbackServer: Sendable {
    /// One connection as the script of a test sees it.
    struct Connection {
        let socket: Int32

        /// Writes text; stops quietly when the peer has gone.
        func write(_ text: String) { write(Array(text.utf8)) }

        func write(_ bytes: [UInt8]) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }

        /// Reads one request: the head and as much body as its Content-Length says; `nil` when the peer has gone.
        func readRequest() -> String? {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let text = String(decoding: bytes, as: UTF8.self)
                if let end = text.firstRange(of: "\r\n\r\n") {
                    let head = text[..<end.lowerBound]
                    let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                        .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
                    if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
                }
                let count = recv(socket, &buffer, buffer.count, 0)
                guard count > 0 else { return nil }
                bytes.append(contentsOf: buffer[..<count])
            }
        }

        /// Waits until the peer closes.
        func waitForClose() {
            var byte: UInt8 = 0
            while recv(socket, &byte, 1, 0) > 0 {}
        }

        /// Ends the connection by RST instead of FIN.
        func reset() {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        }
    }

    private struct State {
        var requests: [String] = []
        var connections = 0
        var isReleased = false
    }

    /// The listening socket. Its thread alone closes it: the number may be another socket's the moment after.
    private final class Listener: Sendable {
        let socket: Int32
        private let isOpen = Mutex(true)

        init(_ socket: Int32) { self.socket = socket }

        func stop() {
            isOpen.withLock { if $0 { shutdown(socket, Int32(SHUT_RDWR)) } }
        }

        func end() {
            isOpen.withLock { isOpen in
                isOpen = false
                close(socket)
            }
        }
    }

    let port: UInt16
    private let listener: Listener
    private let listens: Bool
    private let state = Mutex(State())

    /// A port that refuses connections, and stays nobody else's while this lives.
    static func refusing() throws -> LoopbackServer { try LoopbackServer(listens: false) { _, _ in } }

    /// Starts to listen; every connection runs `script` on a thread of its own, then is closed.
    init(listens: Bool = true, _ script: @escaping @Sendable (LoopbackServer, Connection) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && (!listens || listen(listener, 128) == 0)
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard bound else { throw LoopbackServerError(code: errno) }
        self.listener = Listener(listener)
        self.listens = listens
        port = UInt16(bigEndian: address.sin_port)
        guard listens else { return }
        LoopbackServer.thread { [weak self, listener = self.listener] in
            defer { listener.end() }
            while true {
                let socket = accept(listener.socket, nil, nil)
                guard socket >= 0 else { return }
                guard let self else {
                    close(socket)
                    return
                }
                self.state.withLock { $0.connections += 1 }
                LoopbackServer.thread {
                    script(self, Connection(socket: socket))
                    close(socket)
                }
            }
        }
    }

    deinit { listens ? listener.stop() : listener.end() }

    /// A server that answers every request on every connection with the same text.
    static func answering(_ answer: String) throws -> LoopbackServer {
        try LoopbackServer { server, connection in
            while let request = connection.readRequest() {
                server.note(request)
                connection.write(answer)
            }
        }
    }

    func note(_ request: String) { state.withLock { $0.requests.append(request) } }

    /// The requests that were noted.
    var requests: [String] { state.withLock { $0.requests } }

    /// How many connections were accepted.
    var connections: Int { state.withLock { $0.connections } }

    /// Lets a script go on that waits for it.
    func release() { state.withLock { $0.isReleased = true } }

    /// Whether a test has let scripts go on.
    var isReleased: Bool { state.withLock { $0.isReleased } }

    private static func thread(_ body: @escaping @Sendable () -> Void) {
        final class Start {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let start = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        if code == 0 { pthread_detach(thread) } else { start.release() }
    }
}
