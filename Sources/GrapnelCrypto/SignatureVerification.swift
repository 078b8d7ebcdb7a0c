import COpenSSL

/// Checks signatures that were made with a private key.
package enum SignatureVerification {
    /// How a vendor signs.
    package enum Algorithm: String, Sendable, Hashable, CaseIterable {
        /// RFC 8032, 64 bytes.
        case ed25519
        /// ECDSA over P-256 with SHA-256 (FIPS 186-4), the signature in DER.
        case ecdsaP256
        /// RSASSA-PKCS1-v1_5 with SHA-1 (RFC 8017 §8.2): broken against forgers who choose messages, still sent by some.
        case rsaSHA1
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        case rsaSHA256
    }

    /// The shortest RSA key that is believed, in bits.
    package static let minimumRSABits = 1024

    /// Whether `signature` is that of `message` by the owner of `key`; `false` as well for a key of another kind.
    package static func isValid(
        _ signature: [UInt8], of message: [UInt8], by key: PublicKey, algorithm: Algorithm
    ) -> Bool {
        guard isUsable(key, for: algorithm), let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            // A signature that does not fit leaves notes in a queue of this thread; nobody reads them.
            ERR_clear_error()
        }
        let hash: OpaquePointer? =
            switch algorithm {
            case .ed25519: nil
            case .ecdsaP256, .rsaSHA256: EVP_sha256()
            case .rsaSHA1: EVP_sha1()
            }
        guard EVP_DigestVerifyInit(context, nil, hash, nil, key.handle) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// Whether `key` is of the kind that `algorithm` needs.
    package static func isUsable(_ key: PublicKey, for algorithm: Algorithm) -> Bool {
        switch (algorithm, key.kind) {
        case (.ed25519, .ed25519), (.ecdsaP256, .p256): true
        case (.rsaSHA1, .rsa(let bits)), (.rsaSHA256, .rsa(let bits)): bits >= minimumRSABits
        default: false
        }
    }
}
