/// One way in which a vendor signs its requests: an entry of `verify:` in a provider.yaml.
package struct SignatureScheme: Sendable, Hashable {
    /// `scheme`: its name, which a verdict records and a source's `schemes` can ask for.
    package var name: String
    /// `when`: the requests it is for, by paths into their headers; all when absent.
    package var when: Predicate?
    /// `weaker`: taken only by a source whose `schemes` names it.
    package var isWeaker: Bool
    /// `signature`: where the signature is and how it is written.
    package var signature: SignatureLocation
    /// `timestamp`: where the signed time is; `nil` when the vendor signs none.
    package var timestamp: SignatureTimestamp?
    /// `algorithm`
    package var algorithm: SignatureAlgorithm
    /// `key` and `strip`: how a secret becomes a key.
    package var key: SignatureKey
    /// `signs`: the bytes that are signed, a template over
    /// `raw body headers query form url method timestamp secret`; `nil` for `equality` and `basic`, which sign nothing.
    package var signs: Template?
    /// `url`: what is done to the URL before it is signed.
    package var url: SignedURL
    /// `body_digest`: a digest of the body that the vendor puts beside what it signs; it must be there and fit.
    package var bodyDigest: BodyDigest?

    package init(
        name: String, when: Predicate? = nil, isWeaker: Bool = false, signature: SignatureLocation,
        timestamp: SignatureTimestamp? = nil, algorithm: SignatureAlgorithm, key: SignatureKey = SignatureKey(),
        signs: Template?, url: SignedURL = SignedURL(), bodyDigest: BodyDigest? = nil
    ) {
        self.name = name
        self.when = when
        self.isWeaker = isWeaker
        self.signature = signature
        self.timestamp = timestamp
        self.algorithm = algorithm
        self.key = key
        self.signs = signs
        self.url = url
        self.bodyDigest = bodyDigest
    }
}
