package import GrapnelCore

/// One HTTP request as a stand-in reads it.
package struct EmulatorRequest: Sendable {
    package var method: String
    /// The path, as sent, still percent-encoded, after the connector's name.
    package var path: String
    /// The query, as sent, without the question mark.
    package var query: String
    package var headers: HeaderFields
    package var body: [UInt8]
    /// The name of the connector: the part of the path before `path`.
    package var connector: String

    /// The absolute URL that the client had.
    package var url: String {
        let host = headers.first("Host") ?? "localhost"
        return "http://\(host)/\(connector)\(path)\(query.isEmpty ? "" : "?")\(query)"
    }

    package init(
        connector: String, method: String, path: String, query: String = "", headers: HeaderFields = HeaderFields(),
        body: [UInt8] = []
    ) {
        self.connector = connector
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}
