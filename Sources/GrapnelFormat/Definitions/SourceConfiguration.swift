package import GrapnelCore

/// One entry of `sources:`: an inbound URL, `/hooks/<name>`.
package struct SourceConfiguration: Sendable {
    package var name: String
    /// The name of a provider in `connectors/`, or `key` or `none`.
    package var provider: String
    /// Names of secrets; any may match.
    package var secrets: [String]
    /// In place of the hub's `public_url`.
    package var publicURL: String?
    /// Default 1 MiB, at most 25 MiB.
    package var maxBody: ByteCount
    /// How long a delivery id is remembered. Default 7 d.
    package var dedupe: Duration
    /// Which of the provider's schemes are taken; empty: the provider's strongest alone.
    package var schemes: [String]
    /// Whether unsigned requests are accepted. Default false.
    package var insecure: Bool
    /// How long its events are kept; `nil`: as long as the hub keeps those of the others.
    package var retainEvents: Duration?
    /// How many bytes of its requests are kept; `nil`: as many as the hub has room for.
    package var retainBytes: ByteCount?
    /// What the provider asks for, such as generic-hmac's `header`; an object.
    package var options: JSON

    package static let defaultMaxBody = ByteCount.mebibytes(1)
    package static let greatestMaxBody = ByteCount.mebibytes(25)

    package init(
        name: String, provider: String, secrets: [String] = [], publicURL: String? = nil,
        maxBody: ByteCount = SourceConfiguration.defaultMaxBody, dedupe: Duration = .seconds(7 * 86_400),
        schemes: [String] = [], insecure: Bool = false, retainEvents: Duration? = nil,
        retainBytes: ByteCount? = nil, options: JSON = [:]
    ) {
        self.name = name
        self.provider = provider
        self.secrets = secrets
        self.publicURL = publicURL
        self.maxBody = maxBody
        self.dedupe = dedupe
        self.schemes = schemes
        self.insecure = insecure
        self.retainEvents = retainEvents
        self.retainBytes = retainBytes
        self.options = options
    }
}
