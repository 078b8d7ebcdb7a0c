import COpenSSL

/// Keyed hashes (RFC 2104): what most vendors sign webhooks with.
package enum HMACSignature {
    /// The authentication code of `message` under `key`; keys of any length, also empty ones.
    package static func sign(_ message: [UInt8], key: [UInt8], algorithm: HashAlgorithm) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.digestCount) { output, count in
            let result = message.withUnsafeBufferPointer { message in
                key.withUnsafeBytes { key in
                    // An empty array may have no address, and the C library takes a missing key for the last one used.
                    withUnsafeBytes(of: 0 as UInt8) { empty in
                        HMAC(
                            algorithm.function, key.isEmpty ? empty.baseAddress : key.baseAddress, Int32(key.count),
                            message.baseAddress, message.count, output.baseAddress, nil)
                    }
                }
            }
            precondition(result != nil, "OpenSSL has no HMAC with \(algorithm.rawValue)")
            count = algorithm.digestCount
        }
    }
}
