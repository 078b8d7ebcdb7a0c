/// `request:` of an operation.
package struct RequestTemplate: Sendable {
    /// The body, by kind. A key whose value renders to absent is left out.
    package enum Body: Sendable {
        case none
        case json(JSONTemplate)
        case form(JSONTemplate)
        case multipart(JSONTemplate)
        case xml(Template)
        case text(Template)
        /// Text that becomes bytes as it is; the content type comes from `headers`.
        case raw(Template)
    }

    /// A method, or one placeholder such as `{input.method}`.
    package var method: Template
    /// Below the connection's base URL, with a leading slash.
    package var path: Template
    /// The whole URL in place of base URL and path: a credential (`{credential.url}`) or an input (`{input.url}`), whose
    /// host must then be one of the connection's `hosts:` or its base URL's.
    package var url: Template?
    package var query: [(name: String, value: Template)]
    package var headers: [(name: String, value: Template)]
    /// Headers that the input holds as an object: a path such as `input.headers`.
    package var extraHeaders: PathExpression?
    package var body: Body

    package init(
        method: Template, path: Template, url: Template? = nil, query: [(name: String, value: Template)] = [],
        headers: [(name: String, value: Template)] = [], extraHeaders: PathExpression? = nil, body: Body = .none
    ) {
        self.method = method
        self.path = path
        self.url = url
        self.query = query
        self.headers = headers
        self.extraHeaders = extraHeaders
        self.body = body
    }
}
