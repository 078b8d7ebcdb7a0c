package import GrapnelCore

/// One entry of `vectors:`: a request with a known signature.
package struct SignatureVector: Sendable {
    /// Who made it.
    package enum Origin: String, Sendable, CaseIterable {
        case published
        case selfMade = "self-made"
    }

    package var from: Origin
    package var source: String
    /// The scheme that it is of; `nil`: the provider's first.
    package var scheme: String?
    package var secret: String
    package var method: String
    package var url: String
    package var raw: [UInt8]
    package var headers: HeaderFields
    /// When it is checked: the time of the vector.
    package var now: Timestamp?

    package init(
        from: Origin, source: String, scheme: String? = nil, secret: String, method: String = "POST",
        url: String = "https://example.com/", raw: [UInt8], headers: HeaderFields, now: Timestamp? = nil
    ) {
        self.from = from
        self.source = source
        self.scheme = scheme
        self.secret = secret
        self.method = method
        self.url = url
        self.raw = raw
        self.headers = headers
        self.now = now
    }
}
