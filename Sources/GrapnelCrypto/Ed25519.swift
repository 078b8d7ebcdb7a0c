import COpenSSL

/// Signs with Ed25519 (RFC 8032): Standard Webhooks `v1a`, and samples of vendors that sign so.
package enum Ed25519 {
    /// The length of a private key in bytes.
    package static let seedCount = 32

    /// The 64-byte signature of `message`; `nil` when `seed` is no private key.
    package static func sign(_ message: [UInt8], seed: [UInt8]) -> [UInt8]? {
        guard let key = privateKey(seed), let context = EVP_MD_CTX_new() else { return nil }
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
        }
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        else { return nil }
        return signature
    }

    /// The 32-byte public key that belongs to `seed`; `nil` when `seed` is no private key.
    package static func publicKey(seed: [UInt8]) -> [UInt8]? {
        guard let key = privateKey(seed) else { return nil }
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1 else { return nil }
        return bytes
    }

    private static func privateKey(_ seed: [UInt8]) -> OpaquePointer? {
        guard seed.count == seedCount else { return nil }
        return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
    }
}
