import COpenSSL

/// A vendor's public key.
package final class PublicKey: @unchecked Sendable {
    // `@unchecked Sendable`: the handle is never changed after `init`, no thread owns it, and the C library counts
    // references and locks inside; it is freed with the last reference to this object.
    let handle: OpaquePointer

    private init(handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        EVP_PKEY_free(handle)
    }

    /// The 32 bytes of an Ed25519 key (RFC 8032); `nil` for any other length.
    package static func ed25519(_ bytes: [UInt8]) -> PublicKey? {
        guard bytes.count == 32 else { return nil }
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count).map(PublicKey.init(handle:))
    }

    /// A SubjectPublicKeyInfo in DER (RFC 5280 §4.1); `nil` when it is none, or when bytes follow it.
    package static func subjectPublicKeyInfo(_ bytes: [UInt8]) -> PublicKey? {
        bytes.withUnsafeBufferPointer { buffer in
            var position = buffer.baseAddress
            guard let handle = d2i_PUBKEY(nil, &position, buffer.count) else { return nil }
            let key = PublicKey(handle: handle)
            return position == buffer.baseAddress.map { $0 + buffer.count } ? key : nil
        }
    }

    /// What kind of key it is, and how strong.
    var kind: Kind {
        switch EVP_PKEY_get_base_id(handle) {
        case EVP_PKEY_ED25519: return .ed25519
        case EVP_PKEY_RSA: return .rsa(bits: Int(EVP_PKEY_get_bits(handle)))
        case EVP_PKEY_EC:
            var name = [CChar](repeating: 0, count: 64)
            guard EVP_PKEY_get_group_name(handle, &name, name.count, nil) == 1 else { return .other }
            let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return text == "prime256v1" ? .p256 : .other
        default: return .other
        }
    }

    /// The kinds of key that a vendor signs with.
    enum Kind: Equatable {
        case ed25519
        case p256
        case rsa(bits: Int)
        case other
    }
}
