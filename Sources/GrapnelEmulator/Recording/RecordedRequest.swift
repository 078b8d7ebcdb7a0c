package import GrapnelCore
import GrapnelCrypto

/// One request that a stand-in got, and what came of it.
package struct RecordedRequest: Sendable {
    /// The number of the request, from 1.
    package var sequence: Int
    package var receivedAt: Timestamp
    package var connector: String
    /// The operation whose method and path it has; `nil` when there is none.
    package var operation: String?
    package var method: String
    /// The path after the connector's name.
    package var path: String
    /// The query, without the question mark; a credential in it is masked.
    package var query: String
    /// The header fields, with credentials masked; empty when the recorder keeps no bodies.
    package var headers: HeaderFields
    /// The body; empty when the recorder keeps none.
    package var body: [UInt8]
    /// The operation's input, read back out of the request; `nil` when it was not understood or is not kept.
    package var input: JSON?
    /// The value of `Grapnel-Effect`.
    package var effectKey: String?
    /// The status that was answered; `nil` when the connection was reset or the client gave up.
    package var status: Int?
    /// Whether the stand-in did what was asked. It may have done it without an answer.
    package var isApplied: Bool
    /// The fault that hit it.
    package var fault: FaultKind?
    /// Why it was refused.
    package var problem: String?

    package init(
        sequence: Int, receivedAt: Timestamp, connector: String, operation: String?, method: String, path: String,
        query: String, headers: HeaderFields, body: [UInt8], input: JSON?, effectKey: String?, status: Int?,
        isApplied: Bool, fault: FaultKind?, problem: String?
    ) {
        self.sequence = sequence
        self.receivedAt = receivedAt
        self.connector = connector
        self.operation = operation
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.input = input
        self.effectKey = effectKey
        self.status = status
        self.isApplied = isApplied
        self.fault = fault
        self.problem = problem
    }
}

extension RecordedRequest {
    /// The request as the control interface shows it.
    package var document: JSON {
        var object = JSONObject([
            ("sequence", .integer(Int64(sequence))), ("time", .string(receivedAt.description)),
            ("connector", .string(connector)), ("operation", operation.map { .string($0) } ?? .null),
            ("method", .string(method)), ("path", .string(path)), ("query", .string(query)),
            (
                "headers",
                .array(headers.fields.map { ["name": .string($0.name), "value": .string($0.value)] })
            ),
        ])
        if let text = String(validating: body, as: UTF8.self) {
            object.append("body", .string(text))
        } else {
            object.append("body_base64", .string(Base64.encode(body)))
        }
        object.append("input", input ?? .null)
        object.append("effect", effectKey.map { .string($0) } ?? .null)
        object.append("status", status.map { .integer(Int64($0)) } ?? .null)
        object.append("applied", .bool(isApplied))
        if let fault { object.append("fault", .string(fault.rawValue)) }
        if let problem { object.append("problem", .string(problem)) }
        return .object(object)
    }
}
