import GrapnelCore
import GrapnelCrypto
import GrapnelFormat

/// Whether a digest that is signed in place of the body is the body's.
enum BodyDigestCheck {
    /// Why the request is refused; `nil` when the digest fits.
    static func rejection(of request: InboundRequest, _ digest: BodyDigest) -> RejectionKind? {
        let values: [String]
        switch digest.source {
        case .header(let name): values = request.headers.values(name)
        case .query(let name):
            // From the URL, because that is what is signed.
            let query = request.url.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()
            values = FormFields(parsing: Array(query.prefix { $0 != UInt8(ascii: "#") })).values(name)
        }
        guard values.count == 1, let sent = SignatureComputation.decode(values[0], digest.encoding) else {
            return .missingPart
        }
        let actual = Digest.hash(request.body, digest.algorithm)
        return ConstantTime.isEqual(sent, actual) ? nil : .bodyDigestMismatch
    }
}
