import GrapnelCore

/// Talks to a running hub through its management API: the Unix socket in the state directory, or a URL with a token.
///
/// A command makes one request at a time and waits for it, so a blocking request is all that is needed.
struct ManagementClient {
    private let paths: HubPaths
    private let url: String?
    private let token: String?

    /// - Parameters:
    ///   - url: `http://host:port` of a hub elsewhere; `nil` for the socket.
    ///   - token: Its token; `nil` for the one in the state directory.
    init(paths: HubPaths, url: String? = nil, token: String? = nil) {
        self.paths = paths
        self.url = url
        self.token = token
    }

    /// The document at `path`, such as `/v1/runs?limit=20`.
    func get(_ path: String) throws -> JSON {
        try send("GET", path, body: nil)
    }

    /// The answer to a document posted to `path`.
    func post(_ path: String, _ document: JSON = [:]) throws -> JSON {
        try send("POST", path, body: JSONWriter.bytes(document))
    }

    private func send(_ method: String, _ path: String, body: [UInt8]?) throws -> JSON {
        let answer = try url.map { try ask($0, method, path, body) } ?? askSocket(method, path, body)
        let document = (try? JSONParser.parse(answer.body)) ?? .null
        guard (200..<300).contains(answer.status) else {
            throw ManagementError(
                status: answer.status,
                description: document["detail"]?.string ?? document["title"]?.string
                    ?? "the hub answered \(answer.status)")
        }
        return document
    }

    private func askSocket(_ method: String, _ path: String, _ body: [UInt8]?) throws -> LocalHTTP.Answer {
        guard FileSystem.exists(paths.socket) else { throw ManagementError.notRunning(paths) }
        do {
            return try LocalHTTP.send(
                method, url: "http://localhost\(path)", socket: paths.socket,
                headers: ["Content-Type: application/json"], body: body)
        } catch {
            throw ManagementError.notRunning(paths)
        }
    }

    private func ask(_ url: String, _ method: String, _ path: String, _ body: [UInt8]?) throws -> LocalHTTP.Answer {
        guard let token = try token ?? ManagementToken.read(at: paths) else {
            throw ManagementError(
                status: nil, description: "a hub at a URL needs its token: --token, or GRAPNEL_TOKEN")
        }
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        do {
            return try LocalHTTP.send(
                method, url: base + path,
                headers: ["Content-Type: application/json", "Authorization: Bearer \(token)"], body: body)
        } catch {
            throw ManagementError(status: nil, description: "no hub answers at \(url): \(error)")
        }
    }
}
