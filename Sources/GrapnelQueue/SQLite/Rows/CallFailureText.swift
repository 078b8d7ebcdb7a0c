import GrapnelCore

/// Why an operation did not succeed, as JSON text: the `failure` column of an outcome.
enum CallFailureText {
    static func encode(_ failure: CallFailure) -> String {
        var object = JSONObject()
        object.append("code", .string(failure.code))
        object.append("message", .string(failure.message))
        if let status = failure.status { object.append("status", .integer(Int64(status))) }
        object.append("retryable", .bool(failure.isRetryable))
        object.append("outcome", .string(failure.outcome.rawValue))
        if let wait = failure.retryAfter { object.append("retry_after_ms", .integer(wait.milliseconds)) }
        return JSONWriter.text(.object(object))
    }

    static func decode(_ text: String) throws(QueueError) -> CallFailure {
        guard let json = try? JSONParser.parse(text), let code = json["code"]?.string,
            let message = json["message"]?.string, let isRetryable = json["retryable"]?.bool,
            let outcome = json["outcome"]?.string.flatMap({ CallFailure.Outcome(rawValue: $0) })
        else { throw Statement.unreadable("a failure") }
        return CallFailure(
            code: code, message: message, status: json["status"]?.integer.flatMap { Int(exactly: $0) },
            isRetryable: isRetryable, outcome: outcome,
            retryAfter: json["retry_after_ms"]?.integer.map { .milliseconds($0) })
    }
}
