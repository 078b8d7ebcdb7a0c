import GrapnelCore

/// What stands in place of what was erased, in the form that its column has, so that every row can still be read.
enum ErasureMarker {
    /// The form of a column's content.
    enum Form {
        case text
        case json
        /// `HeaderFields.encoded`.
        case headers
        /// `LogText`.
        case log
        /// `CallFailureText`.
        case failure
        /// A text that is unique among its neighbours.
        case name
    }

    /// `[erased 2026-11-21]`.
    static func text(at now: Timestamp) -> String { "[erased \(now.description.prefix(10))]" }

    /// The marker as a column of this form holds it.
    static func bytes(_ form: Form, at now: Timestamp, number: Int64) -> [UInt8] {
        let text = text(at: now)
        switch form {
        case .text: return Array(text.utf8)
        case .json: return JSONWriter.bytes(.string(text))
        case .headers: return HeaderFields([("Erased", text)]).encoded
        case .log: return LogText.encode([LogLine(level: .info, at: now, message: text)])
        case .failure:
            let failure = CallFailure(code: "erased", message: text, isRetryable: false, outcome: .unknown)
            return Array(CallFailureText.encode(failure).utf8)
        case .name: return Array("\(text)#\(number)".utf8)
        }
    }
}
