import GrapnelCore
package import GrapnelFormat

/// A configured connector: where it goes, as whom, and how fast.
package struct Connection: Sendable {
    package let name: String
    package let connector: ConnectorDefinition
    /// The longest whole exchange.
    let timeout: Duration
    let concurrency: Int
    let rate: RateLimit?
    let flow: ConnectionFlow
    let retryOn: RetryRule
    /// Whether it is left alone for a while when it fails.
    let hasBreaker: Bool
    let base: BaseURL?
    /// Hosts besides the base URL's, with a port when it is not the scheme's own.
    let hosts: Set<String>
    let auth: AuthRule
    /// The connector's credential names → names of secrets.
    let secretNames: [String: String]

    /// Where its requests go, unless an operation says otherwise.
    package var baseURL: String? { base?.url.text }

    /// Checks a configuration against its connector.
    ///
    /// - Throws: `ConnectionError` that says what to change in grapnel.yaml.
    package init(
        _ configuration: ConnectionConfiguration, connector: ConnectorDefinition
    ) throws(ConnectionError) {
        func fail(_ message: String) -> ConnectionError {
            ConnectionError(connection: configuration.name, message: message)
        }
        name = configuration.name
        self.connector = connector
        timeout = configuration.timeout
        concurrency = configuration.concurrency
        rate = configuration.rate
        flow = configuration.flow
        retryOn = configuration.retryOn
        hasBreaker = configuration.breaker
        hosts = Set(configuration.hosts.map { $0.lowercased() })
        secretNames = configuration.credentials
        let known = Connection.credentialNames(of: connector)
        if let unknown = configuration.credentials.keys.sorted().first(where: { !known.contains($0) }) {
            let list = known.isEmpty ? "it needs none" : "it knows \(known.sorted().joined(separator: ", "))"
            throw fail("the connector \(connector.id) has no credential \"\(unknown)\"; \(list)")
        }
        let given = Set(configuration.credentials.keys)
        auth = connector.authChoices.first { given.isSuperset(of: $0.credentials) } ?? connector.auth
        do {
            base = try (configuration.baseURL ?? connector.baseURL).map { text throws(EgressFailure) in
                try BaseURL(text)
            }
        } catch {
            throw fail("base_url cannot be used: \(error.message)")
        }
        if base == nil, hosts.isEmpty, connector.operations.contains(where: { !$0.request.isByCredential }) {
            throw fail("the connector \(connector.id) has no address of its own; set base_url, or hosts")
        }
    }

    /// Every credential that some operation of a connector can use.
    package static func credentialNames(of connector: ConnectorDefinition) -> Set<String> {
        let rules = connector.authChoices + [connector.auth]
        return rules.reduce(into: Set<String>()) { $0.formUnion($1.credentials) }
            .union(connector.operations.flatMap(\.request.credentials))
    }
}

extension RequestTemplate {
    /// Every template of the request.
    private var templates: [Template] {
        var templates = [method, path] + query.map(\.value) + headers.map(\.value)
        if let url { templates.append(url) }
        switch body {
        case .none: break
        case .json(let tree), .form(let tree), .multipart(let tree): templates += tree.templates
        case .xml(let template), .text(let template), .raw(let template): templates.append(template)
        }
        return templates
    }

    /// The credentials that the request itself names, besides those of `auth:`.
    var credentials: Set<String> {
        Set(
            templates.flatMap(\.placeholders).compactMap { placeholder in
                guard placeholder.path.root == "credential", case .key(let name) = placeholder.path.steps.first else {
                    return nil
                }
                return name
            })
    }

    /// Whether the whole URL is a credential, and so needs no other and no base.
    var isByCredential: Bool {
        guard let placeholder = url?.singlePlaceholder else { return false }
        return placeholder.path.root == "credential"
    }
}
