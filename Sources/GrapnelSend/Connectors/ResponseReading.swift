import GrapnelCore
import GrapnelFormat

/// Says what an answer means for an operation. Pure.
///
/// The connector's own rules go first; then what HTTP says (`architecture.md` §5): a definite refusal, or nobody knows.
struct ResponseReading {
    /// The longest part of a body that is quoted to people.
    private static let longestQuote = 200

    private let rule: ResponseRule
    private let retryOn: RetryRule
    private let retryAfterTemplate: Template?
    private let response: EgressResponse
    private let now: Timestamp
    private let headers: HeaderFields
    /// The body as a value: parsed, else as text; `nil` when it is empty.
    private let body: JSON?
    private let isParsed: Bool
    private let scope: DictionaryScope

    /// - Parameters:
    ///   - response: The answer, without secrets.
    ///   - rule: `response:` of the operation.
    ///   - retryOn: What the connection says of statuses, before the operation.
    ///   - retryAfter: Where the vendor says how long to wait; `nil` for `Retry-After`.
    ///   - now: Wall-clock time, for dates in `Retry-After`.
    init(
        _ response: EgressResponse, rule: ResponseRule, retryOn: RetryRule = RetryRule(), retryAfter: Template?,
        now: Timestamp
    ) {
        self.response = response
        self.rule = rule
        self.retryOn = retryOn
        retryAfterTemplate = retryAfter
        self.now = now
        // In lower case, as HTTP/2 has them, so that outputs do not depend on the version that was spoken.
        headers = HeaderFields(response.headers.fields.map { ($0.name.lowercased(), $0.value) })
        (body, isParsed) = ResponseReading.value(response.body, contentType: headers.first("content-type"))
        var roots: [String: ScopeValue] = [
            "status": .json(.integer(Int64(response.status))), "headers": .headers(headers),
        ]
        if let body { roots["body"] = .json(body) }
        scope = DictionaryScope(roots)
    }

    /// A body whose type is missing or wrong is JSON when it reads as JSON: vendors say `text/plain` of it.
    private static func value(_ bytes: [UInt8], contentType: String?) -> (JSON?, Bool) {
        if bytes.isEmpty { return (nil, false) }
        if let first = bytes.first, "{[".utf8.contains(first), let value = try? JSONParser.parse(bytes) {
            return (value, true)
        }
        let parsed = ParsedBody.parse(raw: bytes, contentType: contentType)
        if let value = parsed.json { return (value, parsed.kind != .text) }
        return (.string(String(decoding: bytes, as: UTF8.self)), false)
    }

    /// What the answer means.
    func outcome() -> OperationOutcome {
        let outcome = byConnector()
        guard let isRetried = retryOn.decision(on: response.status) else { return outcome }
        // What is known stays known: the connection only says whether another try is made.
        switch outcome {
        case .confirmed: return outcome
        case .failed: return .failed(failure(isRetryable: isRetried))
        case .unknown(var failure):
            failure.isRetryable = isRetried
            return .unknown(failure)
        }
    }

    private func byConnector() -> OperationOutcome {
        if matches(rule.success) {
            return .confirmed(output(), status: response.status)
        }
        if rule.retryable.contains(where: matches) { return .failed(failure(isRetryable: true)) }
        if rule.rejected.contains(where: matches) { return .failed(failure(isRetryable: false)) }
        if rule.unauthorized.contains(where: matches) { return .failed(unauthorized()) }
        if rule.unknown.contains(where: matches) { return .unknown(unknown()) }
        return byStatus()
    }

    private func byStatus() -> OperationOutcome {
        switch response.status {
        case 401, 403: .failed(unauthorized())
        case 429: .failed(failure(isRetryable: true))
        case 503 where retryAfter != nil: .failed(failure(isRetryable: true))
        case 408, 409, 425, 499: .unknown(unknown())
        case 400..<500: .failed(failure(isRetryable: false))
        // The resource is elsewhere and nothing was done here (RFC 9110 §15.4); after 302 and 303 it may have been.
        case 301, 307, 308: .failed(failure(isRetryable: false))
        // The vendor understood, answered in its own words, and the words are not those of success.
        case 200..<300 where isParsed && rule.success.statuses.contains { $0.contains(response.status) }:
            .failed(failure(isRetryable: false))
        default: .unknown(unknown())
        }
    }

    private func matches(_ match: ResponseRule.Match) -> Bool {
        let hasStatus = match.statuses.isEmpty || match.statuses.contains { $0.contains(response.status) }
        return hasStatus && (match.condition?.matches(scope) ?? true)
    }

    private func output() -> JSON {
        guard let tree = rule.output else { return body ?? .null }
        // It has happened, whatever its output looks like.
        return (try? tree.render(in: scope)) ?? .null
    }

    private var retryAfter: Duration? {
        let text: String? =
            if let retryAfterTemplate {
                (try? retryAfterTemplate.text(in: scope, for: .text)) ?? nil
            } else {
                headers.first("retry-after")
            }
        return text.flatMap { RetryAfter.duration($0, now: now) }
    }

    private var message: String {
        let said =
            rule.error.flatMap { (try? $0.text(in: scope, for: .text)) ?? nil } ?? body.map(OperationBody.text) ?? ""
        let quote = said.count > ResponseReading.longestQuote ? said.prefix(ResponseReading.longestQuote) + "…" : said
        let status = "the vendor answered \(response.status)"
        return quote.isEmpty ? status : "\(status): \(quote)"
    }

    private func failure(isRetryable: Bool) -> CallFailure {
        let isLimit = response.status == 429
        return CallFailure(
            code: isLimit ? "rate_limited" : response.status < 300 ? "rejected" : "http_\(response.status)",
            message: message, status: response.status, isRetryable: isRetryable, outcome: .definite,
            retryAfter: isRetryable ? retryAfter : nil)
    }

    private func unauthorized() -> CallFailure {
        CallFailure(
            code: CallFailure.unauthorizedCode, message: "the credentials were refused: \(message)",
            status: response.status, isRetryable: false, outcome: .definite)
    }

    private func unknown() -> CallFailure {
        CallFailure(
            code: "http_\(response.status)", message: message, status: response.status, isRetryable: true,
            outcome: .unknown, retryAfter: retryAfter)
    }
}
