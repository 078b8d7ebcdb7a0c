import GrapnelCore
import GrapnelCrypto
import GrapnelFormat

/// Makes the HTTP request of an operation. Pure: definition, input and credentials in, request out.
struct OperationRequest {
    private let connection: Connection
    private let operation: OperationDefinition
    private let credentials: CredentialValues
    private let context: SendingContext
    private let scope: DictionaryScope

    init(
        connection: Connection, operation: OperationDefinition, input: JSON, credentials: CredentialValues,
        context: SendingContext
    ) {
        self.connection = connection
        self.operation = operation
        self.credentials = credentials
        self.context = context
        scope = DictionaryScope(
            context.roots.merging(["input": .json(input), "credential": .json(credentials.json)]) { $1 })
    }

    /// The request, ready to leave.
    ///
    /// - Throws: `CallFailure`, definite and not retryable, that says what of the input does not do.
    func make() throws(CallFailure) -> EgressRequest {
        let template = operation.request
        let target = try rendered { () throws(ExpressionError) in try targetText() }
        let url = try parse(target.text)
        let isOwnHost = try check(url, isCredential: target.isCredential)
        let method = try rendered { () throws(ExpressionError) in try template.method.text(in: scope, for: .text) }
        let body = try rendered { () throws(ExpressionError) in
            try OperationBody(template.body, in: scope, boundary: context.idempotencyKey)
        }
        var request = EgressRequest(method: method ?? "", url: url, body: body.bytes)
        request.timeout = connection.timeout
        request.mayRepeat = [.safe, .idempotent, .vendorKey].contains(operation.effect)
        request.onNewConnection = operation.effect == .atMostOnce
        if let type = body.contentType { request.headers.append("Content-Type", type) }
        try addHeaders(to: &request)
        if isOwnHost { try authorize(&request) }
        if let idempotency = operation.idempotency {
            request.headers.set(idempotency.header, context.idempotencyKey)
        }
        return request
    }

    private func rendered<Value>(_ body: () throws(ExpressionError) -> Value) throws(CallFailure) -> Value {
        do throws(ExpressionError) {
            return try body()
        } catch {
            throw OperationRequest.refusal("invalid_input", error.description)
        }
    }

    static func refusal(_ code: String, _ message: String) -> CallFailure {
        CallFailure(code: code, message: message, isRetryable: false, outcome: .definite)
    }
}

// Where it goes.
extension OperationRequest {
    private func targetText() throws(ExpressionError) -> (text: String, isCredential: Bool) {
        let template = operation.request
        let base = connection.base
        if let whole = template.url {
            let text = try whole.text(in: scope, for: .text)
            // A path is a path, however many slashes it begins with: it stays below the base.
            guard let text, !text.hasPrefix("/") else { return (base?.text(adding: text) ?? "", false) }
            return (text, template.isByCredential)
        }
        let path = try template.path.text(in: scope, for: .pathSegment)
        var query: [String] = []
        for (name, value) in template.query {
            for text in try texts(value) {
                query.append("\(PercentEncoding.encode(name))=\(PercentEncoding.encode(text))")
            }
        }
        let suffix = query.isEmpty ? "" : "?" + query.joined(separator: "&")
        return ((base?.text(adding: (path ?? "") + suffix)) ?? "", false)
    }

    /// The texts of a query value: none when it is absent, several for a list.
    private func texts(_ template: Template) throws(ExpressionError) -> [String] {
        switch try template.value(in: scope, for: .json) {
        case nil, .null: []
        case .array(let elements): elements.map(OperationBody.text)
        case let value?: [OperationBody.text(value)]
        }
    }

    private func parse(_ text: String) throws(CallFailure) -> EgressURL {
        if text.isEmpty {
            throw OperationRequest.refusal(
                "invalid_input", "the connection \(connection.name) has no base_url and the input no whole URL")
        }
        do throws(EgressFailure) {
            return try EgressURL(text)
        } catch {
            throw error.callFailure
        }
    }

    /// Whether the connection's credentials may go to `url`.
    ///
    /// - Throws: `CallFailure` when nothing may go there.
    private func check(_ url: EgressURL, isCredential: Bool) throws(CallFailure) -> Bool {
        if let base = connection.base, base.url.origin == url.origin { return true }
        // A URL that is itself the secret: whoever made it says where it leads, and needs no other credential.
        if isCredential { return false }
        guard connection.hosts.contains(url.hostAndPort) else {
            throw OperationRequest.refusal(
                "host_not_allowed",
                "\(url.hostAndPort) is not a host of the connection \(connection.name); to let it be reached, add it to "
                    + "hosts: of the connection in grapnel.yaml")
        }
        // Never in the clear to a host that was only listed.
        return url.scheme == "https"
    }
}

// What it carries.
extension OperationRequest {
    private func addHeaders(to request: inout EgressRequest) throws(CallFailure) {
        for (name, template) in operation.request.headers {
            let value = try rendered { () throws(ExpressionError) in try template.text(in: scope, for: .header) }
            if let value { request.headers.set(name, value) }
        }
        if let path = operation.request.extraHeaders, let extra = path.first(in: scope)?.object {
            for member in extra.members {
                guard let value = member.value.string else {
                    throw OperationRequest.refusal("invalid_input", "\(path).\(member.key) must be a text")
                }
                request.headers.set(member.key, value)
            }
        }
    }

    private func authorize(_ request: inout EgressRequest) throws(CallFailure) {
        switch connection.auth {
        case .none: break
        case .bearer(let credential):
            request.headers.set("Authorization", "Bearer \(credentials[credential])")
        case .basic(let username, let password):
            let pair = "\(credentials[username]):\(credentials[password])"
            request.headers.set("Authorization", "Basic \(Base64.encode(Array(pair.utf8)))")
        case .header(let name, let credential):
            request.headers.set(name, credentials[credential])
        case .query(let name, let credential):
            let pair = "\(PercentEncoding.encode(name))=\(PercentEncoding.encode(credentials[credential]))"
            let mark = request.url.pathAndQuery.contains("?") ? "&" : "?"
            request.url = try parse(request.url.text + mark + pair)
        case .standardWebhooks(let credential):
            let signing = StandardWebhookSigning(
                secret: credentials[credential], id: context.idempotencyKey, timestamp: context.now)
            guard let headers = signing.headers(for: request.body) else {
                throw CallFailure(
                    code: CallFailure.missingCredentialCode,
                    message:
                        "the secret of the connection \(connection.name) is no Standard Webhooks secret: it must be "
                        + "whsec_ and base64 of 24 to 64 bytes", isRetryable: false, outcome: .definite)
            }
            for field in headers { request.headers.set(field.name, field.value) }
        }
    }
}
