package import GrapnelCore
package import GrapnelFormat

/// Makes of a sample the request that the vendor would post: a new delivery, signed now.
package struct SampleSigner: Sendable {
    /// The schemes that the source takes, the first that fits is signed with; none for a source that checks nothing.
    package var schemes: [SignatureScheme]
    /// The provider's `trigger:`.
    package var trigger: TriggerRule
    /// The text of the secret, or for Ed25519 of the private key; `nil` for a source that checks nothing.
    package var secret: String?

    package init(schemes: [SignatureScheme], trigger: TriggerRule = TriggerRule(), secret: String?) {
        self.schemes = schemes
        self.trigger = trigger
        self.secret = secret
    }

    /// The signer of a source.
    ///
    /// - Parameters:
    ///   - provider: The source's provider, also one that its options make.
    ///   - names: The schemes that the source takes; the strong ones when absent.
    ///   - secret: The first of the source's secrets; `nil` when it has none.
    package init(provider: ProviderDefinition, schemes names: [String]? = nil, secret: String?) {
        self.init(
            schemes: SignatureScheme.taken(provider.verify, names: names), trigger: provider.trigger, secret: secret)
    }

    /// The request for a sample.
    ///
    /// - Parameters:
    ///   - url: What the vendor posts to: the source's public URL, since some vendors sign it.
    ///   - changes: Values of the sample that are to be others; they go before those that the provider makes new.
    ///   - id: The id of the delivery; a new one when absent. The same id gives the same delivery.
    package func request(
        for sample: Sample, url: String, changes: [SampleChange] = [], id: String? = nil, now: Timestamp,
        random: any RandomSource
    ) throws(SampleError) -> TriggerRequest {
        let identity = id.map { DeliveryIdentity(id: $0) } ?? DeliveryIdentity(random: random)
        var headers = HeaderFields([("Content-Type", trigger.contentType ?? sample.format.contentType)])
        var body = SampleBody(sample)
        for (text, template) in trigger.set {
            let path = try SampleSigner.path(text)
            guard !changes.contains(where: { $0.path == path }) else { continue }
            // A sample that has no such value is of another kind: a command, not an event.
            try body.set(path, adding: false) { (index) throws(SampleError) in
                let scope = scope(sample, identity.element(index), now)
                return try SampleChange(path, try SampleSigner.value(template, in: scope))
            }
        }
        for (name, template) in trigger.headers {
            if let text = try SampleSigner.text(template, in: scope(sample, identity, now)) { headers.set(name, text) }
        }
        for change in changes where change.path.root != "headers" {
            try body.set(change.path, adding: true) { (_) throws(SampleError) in change }
        }
        for change in changes where change.path.root == "headers" {
            guard case .key(let name)? = change.path.steps.first else { continue }
            headers.set(name, change.texts.joined(separator: ", "))
        }
        return try signed(headers, body.bytes, url: url, now: now)
    }

    private func signed(
        _ headers: HeaderFields, _ body: [UInt8], url: String, now: Timestamp
    ) throws(SampleError) -> TriggerRequest {
        let query = url.firstIndex(of: "?").map { String(url[url.index(after: $0)...]) } ?? ""
        var request = InboundRequest(
            method: "POST", url: url, query: query, headers: headers, body: body, peer: "", receivedAt: now)
        if let secret {
            guard let scheme = SignatureScheme.signing(request, among: schemes) else { throw .noScheme }
            do throws(SigningError) {
                request = try scheme.signed(request, secret: secret, now: now)
            } catch {
                throw .signing(error)
            }
        }
        return TriggerRequest(method: request.method, url: request.url, headers: request.headers, body: request.body)
    }

    /// What the templates of `trigger:` know.
    private func scope(_ sample: Sample, _ identity: DeliveryIdentity, _ now: Timestamp) -> DictionaryScope {
        DictionaryScope([
            "type": .json(.string(sample.type)), "uuid": .json(.string(identity.uuid)),
            "token": .json(.string(identity.token)), "number": .json(.integer(identity.number)),
            "now": .json(.integer(now.milliseconds)), "unix": .json(.integer(now.milliseconds / 1000)),
        ])
    }

    private static func path(_ text: String) throws(SampleError) -> PathExpression {
        do throws(ExpressionError) {
            return try PathExpression(text)
        } catch {
            throw .incomplete(error)
        }
    }

    private static func value(_ template: Template, in scope: DictionaryScope) throws(SampleError) -> JSON {
        do throws(ExpressionError) {
            return try template.value(in: scope, for: .json) ?? .null
        } catch {
            throw .incomplete(error)
        }
    }

    private static func text(_ template: Template, in scope: DictionaryScope) throws(SampleError) -> String? {
        do throws(ExpressionError) {
            return try template.text(in: scope, for: .header)
        } catch {
            throw .incomplete(error)
        }
    }
}
