import GrapnelCore

/// A plain HTTP client for one loopback port.
struct LoopbackClient: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: HeaderFields
        let body: String

        var json: JSON? { try? JSONParser.parse(body) }
    }

    let port: Int

    /// One exchange on a connection of its own, away from the threads that the server's tasks need.
    func send(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: String = ""
    ) async throws -> Answer {
        let text = LoopbackClient.text(method, target, headers: headers, body: body)
        let answer = try await OwnThread.run {
            let connection = try LoopbackConnection(port: port)
            try connection.send(text)
            return try connection.readAll()
        }
        return try LoopbackClient.parse(answer)
    }

    /// A request without waiting for what comes back.
    func begin(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: String = ""
    ) async throws -> LoopbackConnection {
        let connection = try LoopbackConnection(port: port)
        try connection.send(LoopbackClient.text(method, target, headers: headers, body: body))
        return connection
    }

    private static func text(
        _ method: String, _ target: String, headers: [(String, String)], body: String
    ) -> String {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += headers.map { "\($0.0): \($0.1)" }
        if !body.isEmpty || method == "POST" { lines.append("Content-Length: \(body.utf8.count)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static func parse(_ text: String) throws -> Answer {
        guard let end = text.firstRange(of: "\r\n\r\n") else { throw LoopbackError(code: 0) }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, let status = Int(words[1]) else { throw LoopbackError(code: 0) }
        let headers = lines.dropFirst().compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1].drop { $0 == " " })) : nil
        }
        return Answer(status: status, headers: HeaderFields(headers), body: String(text[end.upperBound...]))
    }
}
