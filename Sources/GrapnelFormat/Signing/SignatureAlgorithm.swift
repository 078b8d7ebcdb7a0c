package import GrapnelCrypto

/// `algorithm:` of a scheme.
package enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// The secret itself is sent.
    case equality
    /// User and password are sent; the secret is `user:password`.
    case basic
    /// A plain digest; `signs` then contains `{secret}`.
    case sha1
    case sha256
    case hmacSHA1 = "hmac-sha1"
    case hmacSHA256 = "hmac-sha256"
    case hmacSHA512 = "hmac-sha512"
    case ed25519
    case ecdsaP256 = "ecdsa-p256"
    case rsaSHA1 = "rsa-sha1"
    case rsaSHA256 = "rsa-sha256"

    /// What is said of a name that is none of these; `jwt` is known but not checked by this hub.
    package static func refusal(of name: String) -> String {
        let list = allCases.map(\.rawValue).joined(separator: " ")
        return name == "jwt"
            ? "signatures in JSON Web Tokens are not checked by this version; use one of \(list)"
            : "unknown algorithm \(name); there are \(list)"
    }

    /// Whether the vendor keeps a private key and the secret of the source is the public one.
    package var isAsymmetric: Bool {
        switch self {
        case .ed25519, .ecdsaP256, .rsaSHA1, .rsaSHA256: true
        default: false
        }
    }

    /// Whether the request carries the secret, and nothing is signed.
    package var sendsSecret: Bool { self == .equality || self == .basic }

    /// The hash of a plain digest or of an HMAC.
    package var hash: HashAlgorithm? {
        switch self {
        case .sha1, .hmacSHA1: .sha1
        case .sha256, .hmacSHA256: .sha256
        case .hmacSHA512: .sha512
        default: nil
        }
    }
}
