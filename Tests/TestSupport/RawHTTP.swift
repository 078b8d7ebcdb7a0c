import Dispatch
import Glibc
package import GrapnelCore

/// HTTP by hand: exactly the bytes that a test wants, on a socket of its own, off the cooperative threads.
package enum RawHTTP {
    /// What came back.
    package struct Answer: Sendable {
        package var status: Int
        package var headers: HeaderFields
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
        package var json: JSON? { try? JSONParser.parse(body) }
    }

    /// Where a server listens.
    package enum Address: Sendable {
        case port(Int)
        case socket(String)
    }

    /// The bytes of a request with a body of a known length.
    package static func request(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8] = []
    ) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\n"
        if !headers.contains(where: { $0.0.lowercased() == "host" }) { head += "Host: hub.test\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !headers.contains(where: { $0.0.lowercased() == "transfer-encoding" }) {
            head += "Content-Length: \(body.count)\r\n"
        }
        return Array((head + "\r\n").utf8) + body
    }

    /// Sends pieces one after the other and reads one answer; `nil` when the server closes without any.
    package static func exchange(_ address: Address, _ pieces: [UInt8]...) async throws -> Answer? {
        try await withCheckedThrowingContinuation { continuation in
            // A queue of its own has a thread of its own; the global ones are what Swift's tasks run on.
            DispatchQueue(label: "raw-http").async {
                continuation.resume(with: Result { try exchangeBlocking(address, pieces) })
            }
        }
    }

    private static func exchangeBlocking(_ address: Address, _ pieces: [[UInt8]]) throws -> Answer? {
        let descriptor = try connected(address)
        defer { close(descriptor) }
        for piece in pieces {
            var rest = piece[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                // A server that has heard enough closes; its answer may still be there to read.
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let answer = answer(in: bytes) { return answer }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    private static func connected(_ address: Address) throws -> Int32 {
        let descriptor: Int32
        let result: Int32
        switch address {
        case .port(let port):
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = in_port_t(port).bigEndian
            name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            result = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .socket(let path):
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: Array(path.utf8.prefix($0.count - 1))) }
            result = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw RawHTTPError(code: errno)
        }
        // A test that is wrong should not wait for ever.
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return descriptor
    }

    /// The first whole answer in `bytes`, whose length must be said.
    private static func answer(in bytes: [UInt8]) -> Answer? {
        let end = Array("\r\n\r\n".utf8)
        guard let split = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else { return nil }
        let lines = String(decoding: bytes[..<split], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        var headers = HeaderFields()
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers.append(String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        let body = bytes[(split + end.count)...]
        let length = headers.first("Content-Length").flatMap { Int($0) } ?? 0
        guard body.count >= length else { return nil }
        return Answer(status: status, headers: headers, body: Array(body.prefix(length)))
    }
}
