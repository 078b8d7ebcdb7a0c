import COpenSSL

/// AES in Galois/Counter Mode (NIST SP 800-38D).
struct AuthenticatedCipher {
    private let function: OpaquePointer
    private let key: [UInt8]

    /// `nil` when no AES has keys of this length.
    init?(key: UnsafeRawBufferPointer) {
        guard let function = AuthenticatedCipher.all.first(where: { $0.keyCount == key.count })?.function else {
            return nil
        }
        self.function = function
        self.key = Array(key)
    }

    /// The encrypted bytes, and the tag after them.
    func seal(
        _ data: UnsafeRawBufferPointer, vector: UnsafeRawBufferPointer, associated: UnsafeRawBufferPointer,
        tagCount: Int
    ) -> [UInt8]? {
        crypt(data, vector: vector, associated: associated, encrypts: true) { context, output in
            var tag = [UInt8](repeating: 0, count: tagCount)
            guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), &tag) == 1 else { return nil }
            return output + tag
        }
    }

    /// The bytes that were sealed; `nil` when the tag is not theirs.
    func open(
        _ sealed: UnsafeRawBufferPointer, vector: UnsafeRawBufferPointer, associated: UnsafeRawBufferPointer,
        tagCount: Int
    ) -> [UInt8]? {
        guard sealed.count >= tagCount else { return nil }
        let data = UnsafeRawBufferPointer(rebasing: sealed.dropLast(tagCount))
        let tag = Array(sealed.suffix(tagCount))
        return crypt(data, vector: vector, associated: associated, encrypts: false, tag: tag) { _, output in output }
    }

    private func crypt(
        _ data: UnsafeRawBufferPointer, vector: UnsafeRawBufferPointer, associated: UnsafeRawBufferPointer,
        encrypts: Bool, tag: [UInt8]? = nil, finish: (OpaquePointer, [UInt8]) -> [UInt8]?
    ) -> [UInt8]? {
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        let vector = Array(vector)
        let direction: Int32 = encrypts ? 1 : 0
        guard EVP_CipherInit_ex(context, function, nil, nil, nil, direction) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(clamping: vector.count), nil) == 1,
            EVP_CipherInit_ex(context, nil, nil, key, vector, direction) == 1
        else { return nil }
        var count: Int32 = 0
        // No output and no bytes would be taken for the end of the message.
        if !associated.isEmpty {
            let bytes = associated.bindMemory(to: UInt8.self)
            guard EVP_CipherUpdate(context, nil, &count, bytes.baseAddress, Int32(clamping: bytes.count)) == 1 else {
                return nil
            }
        }
        var output = [UInt8](repeating: 0, count: data.count)
        if !data.isEmpty {
            let bytes = data.bindMemory(to: UInt8.self)
            guard EVP_CipherUpdate(context, &output, &count, bytes.baseAddress, Int32(clamping: bytes.count)) == 1
            else { return nil }
        }
        if var tag {
            guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1 else { return nil }
        }
        // The mode has no last block: this checks the tag and writes nothing.
        var rest = [UInt8](repeating: 0, count: Int(EVP_MAX_BLOCK_LENGTH))
        guard EVP_CipherFinal_ex(context, &rest, &count) == 1 else { return nil }
        return finish(context, output)
    }

    /// Uses every length of key once: what OpenSSL makes on first use is made before the first fork.
    static func warmUp() {
        for (count, _) in all {
            [UInt8](repeating: 0, count: count).withUnsafeBytes { key in
                _ = AuthenticatedCipher(key: key)?.seal(key, vector: key, associated: key, tagCount: 16)
            }
        }
    }

    // Fetched once, in the zygote; never freed, and changed by nobody.
    nonisolated(unsafe) private static let all: [(keyCount: Int, function: OpaquePointer?)] = [
        (16, EVP_CIPHER_fetch(nil, "AES-128-GCM", nil)), (24, EVP_CIPHER_fetch(nil, "AES-192-GCM", nil)),
        (32, EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)),
    ]
}
