package import GrapnelCore

/// Why a stand-in refuses a request: a problem document (RFC 9457) with every fault that was found.
package struct EmulatorProblem: Error, Sendable, Hashable {
    package let status: Int
    package let title: String
    /// One sentence for each thing that is wrong.
    package let details: [String]

    package init(_ status: Int, _ title: String, _ details: [String] = []) {
        self.status = status
        self.title = title
        self.details = details
    }

    /// The whole of it in one line.
    package var summary: String {
        details.isEmpty ? title : "\(title): \(details.joined(separator: "; "))"
    }

    /// The answer that says so.
    package var reply: HTTPReply {
        let document: JSON = [
            "type": "about:blank", "status": .integer(Int64(status)), "title": .string(title),
            "detail": .string(details.joined(separator: "; ")), "errors": .array(details.map { .string($0) }),
        ]
        return HTTPReply(
            status: status, headers: HeaderFields([("Content-Type", "application/problem+json")]),
            body: JSONWriter.bytes(document))
    }
}
