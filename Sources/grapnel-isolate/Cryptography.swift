import CJavaScriptCore
import COpenSSL
import CSandbox
import Glibc

/// What the prelude asks of OpenSSL: `__host.digest`, `hmac`, `equal`.
enum Cryptography {
    /// Makes OpenSSL ready before the first fork: it reads no configuration, starts no thread, and takes its random
    /// numbers from the system, so that children share no state of a generator.
    static func prepare() {
        let options = UInt64(OPENSSL_INIT_NO_LOAD_CONFIG) | UInt64(OPENSSL_INIT_NO_ATEXIT)
        guard OPENSSL_init_crypto(options, nil) == 1,
            grapnel_openssl_random({ bytes, count in count >= 0 && grapnel_random(bytes, Int(count)) ? 1 : 0 }) == 1
        else { exit(73) }
        HashAlgorithm.warmUp()
    }

    static let functions: [(name: String, function: JSObjectCallAsFunctionCallback)] = [
        ("digest", digest), ("hmac", hmac), ("equal", equal),
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
}
