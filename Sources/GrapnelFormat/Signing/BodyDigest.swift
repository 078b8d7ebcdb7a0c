package import GrapnelCrypto

/// `body_digest:` of a scheme: a digest of the body that stands in something which is signed.
package struct BodyDigest: Sendable, Hashable {
    /// Where to look.
    package enum Source: Sendable, Hashable {
        /// `header: Content-Digest`
        case header(String)
        /// `query: bodySHA256`, a parameter of the URL.
        case query(String)
    }

    /// `header` or `query`
    package var source: Source
    /// `algorithm`: `sha256` when absent.
    package var algorithm: HashAlgorithm
    /// `encoding`: hex when absent.
    package var encoding: SignatureLocation.Encoding

    package init(
        source: Source, algorithm: HashAlgorithm = .sha256, encoding: SignatureLocation.Encoding = .hex
    ) {
        self.source = source
        self.algorithm = algorithm
        self.encoding = encoding
    }
}
