import COpenSSL

/// A hash of bytes that come piece by piece. Used by one task at a time.
package final class RunningDigest {
    private let context: OpaquePointer?
    private let algorithm: HashAlgorithm

    package init(_ algorithm: HashAlgorithm) {
        self.algorithm = algorithm
        context = EVP_MD_CTX_new()
        let status = EVP_DigestInit_ex(context, algorithm.function, nil)
        precondition(status == 1, "OpenSSL has no \(algorithm.rawValue)")
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    package func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// The digest of everything so far; nothing may follow.
    package func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.digestCount) { output, count in
            _ = EVP_DigestFinal_ex(context, output.baseAddress, nil)
            count = algorithm.digestCount
        }
    }
}
