package import GrapnelCore

/// The hub's answer to an operation that a handler awaits.
package enum IsolateAnswer: Sendable, Hashable {
    /// The JSON text of the value that the promise resolves to; `nil` resolves to `undefined`.
    case text([UInt8]?)
    /// The answer to a `fetch`.
    case reply(HTTPReply)
    /// The promise rejects with `CallError`.
    case failure(CallFailure)
    /// The run ends here: the isolate is killed and the outcome is this failure.
    case endRun(AttemptFailure)

    /// The answer that resolves to `value`.
    package static func value(_ value: JSON) -> IsolateAnswer { .text(JSONWriter.bytes(value)) }
}
