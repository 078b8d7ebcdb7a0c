/// `connector.yaml`: a vendor's outbound operations, as data.
package struct ConnectorDefinition: Sendable {
    /// The name of its folder.
    package var id: String
    /// For people.
    package var name: String
    package var docs: String
    /// Without a trailing slash; `nil`: the connection must give one, or the operation has a URL of its own.
    package var baseURL: String?
    package var auth: AuthRule
    /// When `auth:` is a list: all of its kinds, of which the first whose credentials a connection names is used.
    /// `auth` is then the one without credentials, else the first.
    package var authChoices: [AuthRule]
    /// The delay that the vendor asks for; default `{headers.Retry-After}`.
    package var retryAfter: Template?
    /// In the order of the file.
    package var operations: [OperationDefinition]

    package init(
        id: String, name: String, docs: String = "", baseURL: String? = nil, auth: AuthRule = .none,
        authChoices: [AuthRule] = [], retryAfter: Template? = nil, operations: [OperationDefinition]
    ) {
        self.id = id
        self.name = name
        self.docs = docs
        self.baseURL = baseURL
        self.auth = auth
        self.authChoices = authChoices
        self.retryAfter = retryAfter
        self.operations = operations
    }

    /// The operation of this name.
    package func operation(_ name: String) -> OperationDefinition? {
        operations.first { $0.name == name }
    }
}
