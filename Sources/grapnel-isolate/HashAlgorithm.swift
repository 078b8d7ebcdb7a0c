import COpenSSL

/// A hash that handlers have, by its name in the Web's interfaces.
struct HashAlgorithm {
    let function: OpaquePointer
    /// The length of a digest in bytes.
    let count: Int

    /// The hash called `name`; `nil` when there is none.
    init?(_ name: String) {
        guard let found = HashAlgorithm.all.first(where: { $0.name == name }), let function = found.function else {
            return nil
        }
        self.function = function
        count = Int(EVP_MD_get_size(function))
    }

    /// Uses every hash once: what OpenSSL makes on first use is made before the first fork.
    static func warmUp() {
        for (name, _) in all {
            [UInt8](name.utf8).withUnsafeBytes { bytes in
                let algorithm = HashAlgorithm(name)
                _ = algorithm?.digest(bytes)
                _ = algorithm?.authenticate(bytes, key: bytes)
            }
        }
    }

    /// The digest of `bytes`; `nil` when OpenSSL fails.
    func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: count)
        return EVP_Digest(bytes.baseAddress, bytes.count, &output, nil, function, nil) == 1 ? output : nil
    }

    /// The HMAC of `bytes` (RFC 2104); `nil` when OpenSSL fails.
    func authenticate(_ bytes: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: count)
        // An empty key is an array all the same: OpenSSL takes a null pointer for the key of the call before.
        let key = Array(key)
        let isDone = HMAC(
            function, key.isEmpty ? [0] : key, Int32(clamping: key.count),
            bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &output, nil)
        return isDone == nil ? nil : output
    }

    // Fetched once, in the zygote; never freed, and changed by nobody.
    nonisolated(unsafe) private static let all: [(name: String, function: OpaquePointer?)] = [
        "MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512",
    ].map { ($0, EVP_MD_fetch(nil, $0, nil)) }
}
