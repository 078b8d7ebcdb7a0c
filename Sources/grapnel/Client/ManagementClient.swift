import GrapnelCore

/// Talks to a running hub through its local API: the Unix socket in the state directory.
///
/// A command makes one request at a time and waits for it, so a blocking request is all that is needed.
struct ManagementClient {
    private let paths: HubPaths

    init(paths: HubPaths) {
        self.paths = paths
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
        guard FileSystem.exists(paths.socket) else { throw ManagementError.notRunning(paths) }
        let answer: LocalHTTP.Answer
        do {
            answer = try LocalHTTP.send(
                method, url: "http://localhost\(path)", socket: paths.socket,
                headers: ["Content-Type: application/json"], body: body)
        } catch {
            throw ManagementError.notRunning(paths)
        }
        let document = (try? JSONParser.parse(answer.body)) ?? .null
        guard (200..<300).contains(answer.status) else {
            throw ManagementError(
                status: answer.status,
                description: document["detail"]?.string ?? document["title"]?.string
                    ?? "the hub answered \(answer.status)")
        }
        return document
    }
}
