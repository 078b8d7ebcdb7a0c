import GrapnelCrypto

/// Makes the signatures that both sides can make: digests and keyed hashes.
package enum SignatureComputation {
    /// The signature of `content`; `nil` for an algorithm that needs a private key, or signs nothing.
    package static func compute(_ algorithm: SignatureAlgorithm, _ content: [UInt8], key: [UInt8]) -> [UInt8]? {
        guard let hash = algorithm.hash else { return nil }
        switch algorithm {
        case .sha1, .sha256: return Digest.hash(content, hash)
        default: return HMACSignature.sign(content, key: key, algorithm: hash)
        }
    }

    /// The text of a signature's bytes.
    package static func encode(_ signature: [UInt8], _ encoding: SignatureLocation.Encoding) -> String {
        switch encoding {
        case .hex: Hex.encode(signature)
        case .base64: Base64.encode(signature)
        case .base64url: Base64.encodeURL(signature)
        case .raw: String(decoding: signature, as: UTF8.self)
        }
    }

    /// The bytes that a signature's text spells; `nil` when it spells none.
    package static func decode(_ text: some StringProtocol, _ encoding: SignatureLocation.Encoding) -> [UInt8]? {
        let bytes: [UInt8]? =
            switch encoding {
            case .hex: Hex.decode(text.utf8)
            case .base64, .base64url: Base64.decode(text.utf8)
            case .raw: Array(text.utf8)
            }
        return bytes?.isEmpty == false ? bytes : nil
    }
}
