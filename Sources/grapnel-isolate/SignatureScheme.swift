import COpenSSL

/// How a signature is made: the scheme, and what it is chosen with.
struct SignatureScheme {
    private let name: Name
    /// `nil` for Ed25519, which hashes by itself.
    private let hash: HashAlgorithm?
    private let saltCount: Int
    let kind: AsymmetricKey.Kind

    /// The schemes, by the names of the Web's interfaces.
    private enum Name: String {
        case ed25519 = "Ed25519"
        case ecdsa = "ECDSA"
        case rsaPSS = "RSA-PSS"
        case rsaPKCS1 = "RSASSA-PKCS1-v1_5"
    }

    /// `nil` when there is no such scheme, hash or kind of key.
    init?(name: String, hash: String, kind: String, saltCount: Int) {
        guard let name = Name(rawValue: name), let kind = AsymmetricKey.Kind(rawValue: kind) else { return nil }
        self.name = name
        self.kind = kind
        self.saltCount = saltCount
        self.hash = name == .ed25519 ? nil : HashAlgorithm(hash)
        guard name == .ed25519 || self.hash != nil else { return nil }
    }

    /// The signature of `data`; `nil` when OpenSSL refuses, for example a salt that the key has no room for.
    func sign(_ data: UnsafeRawBufferPointer, with key: AsymmetricKey) -> [UInt8]? {
        guard let context = EVP_MD_CTX_new() else { return nil }
        defer { EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        guard EVP_DigestSignInit(context, &parameters, hash?.function, nil, key.handle) == 1, pad(parameters) else {
            return nil
        }
        let bytes = data.bindMemory(to: UInt8.self)
        var count = 0
        guard EVP_DigestSign(context, nil, &count, bytes.baseAddress, bytes.count) == 1 else { return nil }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, bytes.baseAddress, bytes.count) == 1 else { return nil }
        signature.removeLast(signature.count - count)
        return name == .ecdsa ? halves(ofDER: signature) : signature
    }

    /// Whether `signature` is that of `data`.
    func verify(_ signature: UnsafeRawBufferPointer, of data: UnsafeRawBufferPointer, with key: AsymmetricKey) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &parameters, hash?.function, nil, key.handle) == 1, pad(parameters),
            let signature = name == .ecdsa ? der(ofHalves: signature) : Array(signature)
        else { return false }
        let bytes = data.bindMemory(to: UInt8.self)
        return EVP_DigestVerify(context, signature, signature.count, bytes.baseAddress, bytes.count) == 1
    }

    private func pad(_ parameters: OpaquePointer?) -> Bool {
        guard name == .rsaPSS else { return true }
        return EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, Int32(clamping: saltCount)) == 1
    }

    /// The two numbers of an ECDSA signature, one after the other and each as long as the curve's field (IEEE P1363).
    private func halves(ofDER bytes: [UInt8]) -> [UInt8]? {
        bytes.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            guard let signature = d2i_ECDSA_SIG(nil, &position, buffer.count) else { return nil }
            defer { ECDSA_SIG_free(signature) }
            let size = kind.coordinateCount
            var halves = [UInt8](repeating: 0, count: 2 * size)
            let isWritten = halves.withUnsafeMutableBufferPointer { output in
                guard let base = output.baseAddress else { return false }
                return BN_bn2binpad(ECDSA_SIG_get0_r(signature), base, Int32(size)) >= 0
                    && BN_bn2binpad(ECDSA_SIG_get0_s(signature), base + size, Int32(size)) >= 0
            }
            return isWritten ? halves : nil
        }
    }

    private func der(ofHalves bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        let size = kind.coordinateCount
        guard size > 0, bytes.count == 2 * size, let base = bytes.bindMemory(to: UInt8.self).baseAddress,
            let signature = ECDSA_SIG_new()
        else { return nil }
        defer { ECDSA_SIG_free(signature) }
        guard let first = BN_bin2bn(base, Int32(size), nil) else { return nil }
        guard let second = BN_bin2bn(base + size, Int32(size), nil) else {
            BN_free(first)
            return nil
        }
        // The signature owns both numbers from here on.
        guard ECDSA_SIG_set0(signature, first, second) == 1 else {
            BN_free(first)
            BN_free(second)
            return nil
        }
        let count = Int(i2d_ECDSA_SIG(signature, nil))
        guard count > 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var position = buffer.baseAddress
            initialized = max(0, Int(i2d_ECDSA_SIG(signature, &position)))
        }
    }
}
