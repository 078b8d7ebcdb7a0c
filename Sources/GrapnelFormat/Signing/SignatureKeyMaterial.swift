package import GrapnelCrypto

/// A key, ready to check or make signatures with.
package enum SignatureKeyMaterial: Sendable {
    case bytes([UInt8])
    case publicKey(PublicKey)
}

extension SignatureAlgorithm {
    /// The check with a public key, for an algorithm that has one.
    package var verification: SignatureVerification.Algorithm? {
        switch self {
        case .ed25519: .ed25519
        case .ecdsaP256: .ecdsaP256
        case .rsaSHA1: .rsaSHA1
        case .rsaSHA256: .rsaSHA256
        default: nil
        }
    }
}
