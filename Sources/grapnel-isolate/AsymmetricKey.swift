import COpenSSL

/// A key pair or its public half, as OpenSSL holds it while a call lasts. Between calls the prelude keeps its DER, so
/// that nothing outlives a call here.
final class AsymmetricKey {
    let handle: OpaquePointer

    private init(handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        EVP_PKEY_free(handle)
    }

    /// The private key of a PrivateKeyInfo (RFC 5208); `nil` when it is none, of another kind, or bytes follow it.
    convenience init?(pkcs8 bytes: UnsafeRawBufferPointer, kind: Kind) {
        var position = bytes.bindMemory(to: UInt8.self).baseAddress
        let end = position.map { $0 + bytes.count }
        guard let information = d2i_PKCS8_PRIV_KEY_INFO(nil, &position, bytes.count) else { return nil }
        defer { PKCS8_PRIV_KEY_INFO_free(information) }
        guard position == end, let handle = EVP_PKCS82PKEY(information) else { return nil }
        self.init(handle: handle)
        guard matches(kind) else { return nil }
    }

    /// The public key of a SubjectPublicKeyInfo (RFC 5280 §4.1); `nil` when it is none, of another kind, or bytes
    /// follow it.
    convenience init?(spki bytes: UnsafeRawBufferPointer, kind: Kind) {
        var position = bytes.bindMemory(to: UInt8.self).baseAddress
        let end = position.map { $0 + bytes.count }
        guard let handle = d2i_PUBKEY(nil, &position, bytes.count) else { return nil }
        self.init(handle: handle)
        guard position == end, matches(kind) else { return nil }
    }

    /// A new key pair; `bits` and `exponent` are those of an RSA key. `nil` when OpenSSL refuses them.
    static func generate(_ kind: Kind, bits: Int, exponent: UnsafeRawBufferPointer) -> AsymmetricKey? {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, kind.algorithm, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { return nil }
        if let curve = kind.curve {
            guard EVP_PKEY_CTX_set_group_name(context, curve) == 1 else { return nil }
        } else if kind == .rsa {
            let number = BN_bin2bn(
                exponent.bindMemory(to: UInt8.self).baseAddress, Int32(clamping: exponent.count), nil)
            defer { BN_free(number) }
            guard EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(clamping: bits)) == 1,
                EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, number) == 1
            else { return nil }
        }
        var handle: OpaquePointer?
        guard EVP_PKEY_generate(context, &handle) == 1 else { return nil }
        return handle.map(AsymmetricKey.init(handle:))
    }

    /// The private key as a PrivateKeyInfo.
    var pkcs8: [UInt8]? {
        guard let information = EVP_PKEY2PKCS8(handle) else { return nil }
        defer { PKCS8_PRIV_KEY_INFO_free(information) }
        return AsymmetricKey.written { i2d_PKCS8_PRIV_KEY_INFO(information, $0) }
    }

    /// The public half as a SubjectPublicKeyInfo; a point of a curve is written uncompressed.
    var spki: [UInt8]? {
        EVP_PKEY_set_utf8_string_param(handle, "point-format", "uncompressed")
        return AsymmetricKey.written { i2d_PUBKEY(handle, $0) }
    }

    /// What an encoder of OpenSSL writes: asked for the length first, then for the bytes.
    private static func written(
        _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
    ) -> [UInt8]? {
        let count = Int(encode(nil))
        guard count > 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var position = buffer.baseAddress
            initialized = max(0, Int(encode(&position)))
        }
    }

    private func matches(_ kind: Kind) -> Bool {
        guard EVP_PKEY_is_a(handle, kind.algorithm) == 1 else { return false }
        guard let curve = kind.curve else { return true }
        var name = [CChar](repeating: 0, count: 64)
        guard EVP_PKEY_get_group_name(handle, &name, name.count, nil) == 1 else { return false }
        return name.prefix { $0 != 0 }.elementsEqual(curve.utf8.map { CChar(bitPattern: $0) })
    }

    /// Whether the point that stands beside a private number of a curve is its own: to be asked once of a key that
    /// came from outside. The public half of other kinds follows from the private one.
    func hasMatchingHalves(_ kind: Kind) -> Bool {
        guard kind.curve != nil else { return true }
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, handle, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        return EVP_PKEY_pairwise_check(context) == 1
    }

    /// The kinds of key, by the names that the prelude uses.
    enum Kind: String {
        case ed25519 = "Ed25519"
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"
        case rsa = "RSA"

        /// OpenSSL's name for the kind.
        var algorithm: String {
            switch self {
            case .ed25519: "ED25519"
            case .p256, .p384, .p521: "EC"
            case .rsa: "RSA"
            }
        }

        /// OpenSSL's name for the curve; `nil` for a kind without one to choose.
        var curve: String? {
            switch self {
            case .p256: "prime256v1"
            case .p384: "secp384r1"
            case .p521: "secp521r1"
            case .ed25519, .rsa: nil
            }
        }

        /// The length of each half of an ECDSA signature.
        var coordinateCount: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            case .ed25519, .rsa: 0
            }
        }
    }
}
