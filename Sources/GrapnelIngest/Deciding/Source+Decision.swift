import GrapnelCore
import GrapnelFormat

extension Source {
    /// Decides about a request.
    ///
    /// - Parameters:
    ///   - request: The exact request.
    ///   - now: Wall-clock time.
    ///   - limits: The limits of batches.
    func decision(on request: InboundRequest, now: Timestamp, limits: IngestLimits) -> IngestDecision {
        let contentType = request.headers.first("content-type")
        guard ParsedBody.isReadable(contentType: contentType) else {
            return .refuse(.charset(contentType ?? ""))
        }
        let parsed = ParsedBody.parse(raw: request.body, contentType: contentType)
        let scope = RequestScope(request, parsed: parsed)
        let greeting = provider.handshakes.first { $0.condition.matches(scope) }
        if let greeting, !greeting.isVerified { return answer(greeting, scope) }
        let verdict: Verdict
        if let verifier {
            switch verifier.verify(request, now: now) {
            case .accepted(let accepted): verdict = accepted
            case .rejected(let kind): return .reject(kind)
            }
        } else {
            verdict = .unsigned
        }
        if let greeting { return answer(greeting, scope) }
        guard request.method == "POST" || request.method == "PUT" else { return .refuse(.method) }
        return events(of: request, parsed: parsed, scope: scope, verdict: verdict, limits: limits)
    }

    private func answer(_ rule: HandshakeRule, _ scope: RequestScope) -> IngestDecision {
        guard let reply = HTTPReply(rule.answer, scope) else { return .refuse(.handshake) }
        return .handshake(reply)
    }

    private func events(
        of request: InboundRequest, parsed: ParsedBody, scope: RequestScope, verdict: Verdict, limits: IngestLimits
    ) -> IngestDecision {
        guard let each = provider.event.each else {
            let value = parsed.kind == .value ? parsed.json.map { JSONWriter.bytes($0) } : nil
            let draft = EventDraft(
                type: type(scope), deliveryID: deliveryID(scope), bodyKind: parsed.kind, value: value,
                body: parsed.json, parseError: parsed.parseError)
            return .accept(verdict, [draft])
        }
        guard case .array(let elements)? = each.first(in: scope) else {
            let draft = EventDraft(
                type: "unknown", deliveryID: nil, bodyKind: parsed.kind,
                value: parsed.kind == .value ? parsed.json.map { JSONWriter.bytes($0) } : nil, body: parsed.json,
                parseError: parsed.parseError)
            return .accept(verdict, [draft])
        }
        guard elements.count <= limits.batch else { return .refuse(.batch(limits.batch)) }
        return .accept(
            verdict,
            elements.map { element in
                var scope = scope
                scope.item = element
                return EventDraft(
                    type: type(scope), deliveryID: deliveryID(scope), bodyKind: .value,
                    value: JSONWriter.bytes(element), body: element, parseError: nil)
            })
    }

    /// An id that a request lacks makes it a delivery that is not deduped.
    private func deliveryID(_ scope: RequestScope) -> String? {
        guard let text = try? provider.event.id?.text(in: scope, for: .text), !text.isEmpty else { return nil }
        return text
    }

    private func type(_ scope: RequestScope) -> String {
        guard let text = try? provider.event.type?.text(in: scope, for: .text), !text.isEmpty else { return "unknown" }
        return text
    }
}
