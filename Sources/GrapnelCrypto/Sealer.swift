import COpenSSL

/// Seals byte strings with AES-256-GCM (NIST SP 800-38D), so that they can be neither read nor moved elsewhere without
/// the key.
///
/// A sealed text is one format byte, a random 96-bit nonce, the cipher text and a 128-bit tag.
package struct Sealer: Sendable {
    /// The length of a key in bytes.
    package static let keyCount = 32
    /// By how many bytes a sealed text is longer.
    package static let overhead = 1 + nonceCount + tagCount

    private static let format: UInt8 = 1
    private static let nonceCount = 12
    private static let tagCount = 16

    private let key: [UInt8]

    /// A sealer with a key of `keyCount` bytes; throws `wrongKeySize` otherwise.
    package init(key: [UInt8]) throws(SealError) {
        guard key.count == Sealer.keyCount else { throw .wrongKeySize(key.count) }
        self.key = key
    }

    /// Seals `plain`; `context` (such as the name it is kept under) is not hidden but must be the same to open it.
    package func seal(_ plain: [UInt8], authenticating context: [UInt8]) throws(SealError) -> [UInt8] {
        let nonce = SecureRandom.bytes(Sealer.nonceCount)
        guard let cipher = EVP_CIPHER_CTX_new() else { throw .unavailable }
        defer { EVP_CIPHER_CTX_free(cipher) }
        var sealed = [UInt8](repeating: 0, count: plain.count + Sealer.overhead)
        sealed[0] = Sealer.format
        sealed.replaceSubrange(1..<1 + Sealer.nonceCount, with: nonce)
        let isSealed = sealed.withUnsafeMutableBufferPointer { output in
            var written: Int32 = 0
            guard let start = output.baseAddress.map({ $0 + 1 + Sealer.nonceCount }),
                EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1,
                context.isEmpty || EVP_EncryptUpdate(cipher, nil, &written, context, Int32(context.count)) == 1,
                plain.isEmpty || EVP_EncryptUpdate(cipher, start, &written, plain, Int32(plain.count)) == 1,
                EVP_EncryptFinal_ex(cipher, start + plain.count, &written) == 1
            else { return false }
            return EVP_CIPHER_CTX_ctrl(
                cipher, EVP_CTRL_AEAD_GET_TAG, Int32(Sealer.tagCount), start + plain.count) == 1
        }
        guard isSealed else { throw .unavailable }
        return sealed
    }

    /// The bytes that `seal` was given with the same `context`; throws `notSealed` or `notAuthentic`.
    package func open(_ sealed: [UInt8], authenticating context: [UInt8]) throws(SealError) -> [UInt8] {
        guard sealed.count >= Sealer.overhead, sealed[0] == Sealer.format else { throw .notSealed }
        let nonce = Array(sealed[1..<1 + Sealer.nonceCount])
        let text = Array(sealed[(1 + Sealer.nonceCount)..<(sealed.count - Sealer.tagCount)])
        var tag = Array(sealed.suffix(Sealer.tagCount))
        guard let cipher = EVP_CIPHER_CTX_new() else { throw .unavailable }
        defer { EVP_CIPHER_CTX_free(cipher) }
        // One byte of room where there is no text, so that the buffer always has an address.
        var plain = [UInt8](repeating: 0, count: max(1, text.count))
        var written: Int32 = 0
        guard EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1 else { throw .unavailable }
        guard context.isEmpty || EVP_DecryptUpdate(cipher, nil, &written, context, Int32(context.count)) == 1,
            text.isEmpty || EVP_DecryptUpdate(cipher, &plain, &written, text, Int32(text.count)) == 1,
            EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, Int32(Sealer.tagCount), &tag) == 1
        else { throw .unavailable }
        var rest: [UInt8] = [0]
        guard EVP_DecryptFinal_ex(cipher, &rest, &written) == 1 else { throw .notAuthentic }
        return Array(plain.prefix(text.count))
    }
}
