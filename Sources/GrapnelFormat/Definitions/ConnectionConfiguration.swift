/// One entry of `connections:`: a configured connector.
package struct ConnectionConfiguration: Sendable {
    package var name: String
    /// The name of a connector in `connectors/`.
    package var connector: String
    /// The connector's credential names → names of secrets.
    package var credentials: [String: String]
    /// In place of the connector's; credentials go only to its host.
    package var baseURL: String?
    /// Sends in a time, `50/1m`; `nil`: unlimited.
    package var rate: RateLimit?
    /// Sends at a time. Default 10.
    package var concurrency: Int
    /// What holds for the keys of effects. Default nothing.
    package var flow: ConnectionFlow
    /// The longest whole exchange. Default 30 s.
    package var timeout: Duration
    /// Exact host names that an operation with a URL of its own (connectors http, webhook) may reach.
    package var hosts: [String]
    /// Which failures are tried again, whatever the connector says of their status.
    package var retryOn: RetryRule
    /// Whether the connection is left alone for a while when it fails. Default yes.
    package var breaker: Bool

    package init(
        name: String, connector: String, credentials: [String: String] = [:], baseURL: String? = nil,
        rate: RateLimit? = nil, concurrency: Int = 10, timeout: Duration = .seconds(30), hosts: [String] = [],
        retryOn: RetryRule = RetryRule(), breaker: Bool = true, flow: ConnectionFlow = ConnectionFlow()
    ) {
        self.flow = flow
        self.retryOn = retryOn
        self.breaker = breaker
        self.name = name
        self.connector = connector
        self.credentials = credentials
        self.baseURL = baseURL
        self.rate = rate
        self.concurrency = concurrency
        self.timeout = timeout
        self.hosts = hosts
    }
}
