import CJavaScriptCore
import COpenSSL
import CSandbox
import Glibc

/// What the prelude asks of OpenSSL: `__host.digest`, `hmac`, `equal` and the rest of `functions`. What it
/// cannot do is answered with `undefined`.
enum Cryptography {
    /// Makes OpenSSL ready before the first fork: it reads no configuration, starts no thread, and takes its random
    /// numbers from the system, so that children share no state of a generator.
    static func prepare() {
        let options = UInt64(OPENSSL_INIT_NO_LOAD_CONFIG) | UInt64(OPENSSL_INIT_NO_ATEXIT)
        guard OPENSSL_init_crypto(options, nil) == 1,
            grapnel_openssl_random({ bytes, count in count >= 0 && grapnel_random(bytes, Int(count)) ? 1 : 0 }) == 1
        else { exit(73) }
        HashAlgorithm.warmUp()
        AuthenticatedCipher.warmUp()
        warmUpSignatures()
    }

    /// Makes and checks a signature of every scheme, with the smallest keys that are allowed.
    private static func warmUpSignatures() {
        let schemes = [
            ("Ed25519", "Ed25519"), ("ECDSA", "P-256"), ("RSA-PSS", "RSA"), ("RSASSA-PKCS1-v1_5", "RSA"),
        ]
        for (name, kind) in schemes {
            [UInt8]([1, 0, 1]).withUnsafeBytes { bytes in
                guard let scheme = SignatureScheme(name: name, hash: "SHA-256", kind: kind, saltCount: 0),
                    let made = AsymmetricKey.generate(scheme.kind, bits: 512, exponent: bytes),
                    let key = made.pkcs8?.withUnsafeBytes({ AsymmetricKey(pkcs8: $0, kind: scheme.kind) }),
                    let half = made.spki?.withUnsafeBytes({ AsymmetricKey(spki: $0, kind: scheme.kind) })
                else { return }
                _ = scheme.sign(bytes, with: key)?.withUnsafeBytes { scheme.verify($0, of: bytes, with: half) }
            }
        }
    }

    static let functions: [(name: String, function: JSObjectCallAsFunctionCallback)] = [
        ("digest", digest), ("hmac", hmac), ("equal", equal), ("generateKey", generateKey), ("readKey", readKey),
        ("sign", sign), ("verify", verify), ("seal", seal), ("open", open),
    ]

    /// `digest(name, bytes)`
    private static let digest: JSObjectCallAsFunctionCallback = { context, _, _, count, values, _ in
        guard let arguments = HostArguments(context, count, values) else { return nil }
        guard let algorithm = arguments.text(0).flatMap(HashAlgorithm.init), let bytes = arguments.bytes(1) else {
            return arguments.answer([UInt8]?.none)
        }
        return arguments.answer(algorithm.digest(bytes))
    }

    /// `hmac(name, key, bytes)`
    private static let hmac: JSObjectCallAsFunctionCallback = { context, _, _, count, values, _ in
        guard let arguments = HostArguments(context, count, values) else { return nil }
        guard let algorithm = arguments.text(0).flatMap(HashAlgorithm.init), let key = arguments.bytes(1),
            let bytes = arguments.bytes(2)
        else { return arguments.answer([UInt8]?.none) }
        return arguments.answer(algorithm.authenticate(bytes, key: key))
    }

    /// `equal(a, b)`: in a time that depends on the lengths alone.
    private static let equal: JSObjectCallAsFunctionCallback = { context, _, _, count, values, _ in
        guard let arguments = HostArguments(context, count, values) else { return nil }
        guard let left = arguments.bytes(0), let right = arguments.bytes(1) else { return arguments.answer(Bool?.none) }
        guard left.count == right.count else { return arguments.answer(false) }
        return arguments.answer(left.isEmpty || CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0)
    }

    /// `generateKey(kind, bits, exponent)`: a PrivateKeyInfo.
    private static let generateKey: JSObjectCallAsFunctionCallback = { context, _, _, count, values, _ in
        guard let arguments = HostArguments(context, count, values) else { return nil }
        guard let kind = arguments.text(0).flatMap(AsymmetricKey.Kind.init), let bits = arguments.number(1),
            let exponent = arguments.bytes(2)
        else { return arguments.answer([UInt8]?.none) }
        return arguments.answer(AsymmetricKey.generate(kind, bits: bits, exponent: exponent)?.pkcs8)
    }

    /// `readKey(kind, form, bytes)`: the key written anew. `form`: `pkcs8`, `spki`, or `public` for the public half of
    /// a PrivateKeyInfo.
    private static let readKey: JSObjectCallAsFunctionCallback = { context, _, _, count, values, _ in
        guard let arguments = HostArguments(context, count, values) else { return nil }
        guard let kind = arguments.text(0).flatMap(AsymmetricKey.Kind.init), let bytes = arguments.bytes(2) else {
            return arguments.answer([UInt8]?.none)
        }
        switch arguments.text(1) {
        case "pkcs8":
            let key = AsymmetricKey(pkcs8: bytes, kind: kind)
            return arguments.answer(key?.hasMatchingHalves(kind) == true ? key?.pkcs8 : nil)
        case "spki": return arguments.answer(AsymmetricKey(spki: bytes, kind: kind)?.spki)
        case "public": return arguments.answer(AsymmetricKey(pkcs8: bytes, kind: kind)?.spki)
        default: return arguments.answer([UInt8]?.none)
        }
    }

    /// `sign(scheme, hash, kind, saltLength, key, data)`
    private static let sign: JSObjectCallAsFunctionCallback = { context, _, _, count, values, _ in
        guard let arguments = HostArguments(context, count, values) else { return nil }
        guard let scheme = scheme(arguments), let bytes = arguments.bytes(4), let data = arguments.bytes(5),
            let key = AsymmetricKey(pkcs8: bytes, kind: scheme.kind)
        else { return arguments.answer([UInt8]?.none) }
        return arguments.answer(scheme.sign(data, with: key))
    }

    /// `verify(scheme, hash, kind, saltLength, key, signature, data)`
    private static let verify: JSObjectCallAsFunctionCallback = { context, _, _, count, values, _ in
        guard let arguments = HostArguments(context, count, values) else { return nil }
        guard let scheme = scheme(arguments), let bytes = arguments.bytes(4), let signature = arguments.bytes(5),
            let data = arguments.bytes(6), let key = AsymmetricKey(spki: bytes, kind: scheme.kind)
        else { return arguments.answer(Bool?.none) }
        return arguments.answer(scheme.verify(signature, of: data, with: key))
    }

    private static func scheme(_ arguments: HostArguments) -> SignatureScheme? {
        guard let name = arguments.text(0), let hash = arguments.text(1), let kind = arguments.text(2),
            let saltCount = arguments.number(3)
        else { return nil }
        return SignatureScheme(name: name, hash: hash, kind: kind, saltCount: saltCount)
    }

    /// `seal(key, vector, associated, tagLength, data)`
    private static let seal: JSObjectCallAsFunctionCallback = { context, _, _, count, values, _ in
        guard let arguments = HostArguments(context, count, values) else { return nil }
        return arguments.answer(
            cipher(arguments) { $0.seal($1, vector: $2, associated: $3, tagCount: $4) })
    }

    /// `open(key, vector, associated, tagLength, sealed)`
    private static let open: JSObjectCallAsFunctionCallback = { context, _, _, count, values, _ in
        guard let arguments = HostArguments(context, count, values) else { return nil }
        return arguments.answer(
            cipher(arguments) { $0.open($1, vector: $2, associated: $3, tagCount: $4) })
    }

    private static func cipher(
        _ arguments: HostArguments,
        _ body: (
            AuthenticatedCipher, UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer, Int
        ) -> [UInt8]?
    ) -> [UInt8]? {
        guard let cipher = arguments.bytes(0).flatMap(AuthenticatedCipher.init), let vector = arguments.bytes(1),
            let associated = arguments.bytes(2), let tagCount = arguments.number(3), (4...16).contains(tagCount),
            let data = arguments.bytes(4)
        else { return nil }
        return body(cipher, data, vector, associated, tagCount)
    }
}
