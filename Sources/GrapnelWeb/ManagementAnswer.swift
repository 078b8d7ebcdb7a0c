import GrapnelCore

/// What the management API says.
struct ManagementAnswer: Sendable {
    var status: Int
    var document: JSON

    init(_ document: JSON) {
        status = 200
        self.document = document
    }

    /// A problem document (RFC 9457).
    init(problem status: Int, _ detail: String) {
        self.status = status
        document = ["type": "about:blank", "status": .integer(Int64(status)), "detail": .string(detail)]
    }
}
