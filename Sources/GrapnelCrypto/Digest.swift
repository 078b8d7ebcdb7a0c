import COpenSSL

/// Hashes of byte strings.
package enum Digest {
    /// The digest of `bytes`.
    ///
    /// Stops the process when the C library has no such hash (a FIPS build without MD5): going on with a wrong digest
    /// would be worse.
    package static func hash(_ bytes: [UInt8], _ algorithm: HashAlgorithm) -> [UInt8] {
        bytes.withUnsafeBufferPointer { hash($0, algorithm) }
    }

    /// The digest of the bytes that a buffer shows; for callers that hold no array.
    package static func hash(_ bytes: UnsafeBufferPointer<UInt8>, _ algorithm: HashAlgorithm) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.digestCount) { output, count in
            let status = EVP_Digest(
                bytes.baseAddress, bytes.count, output.baseAddress, nil, algorithm.function, nil)
            precondition(status == 1, "OpenSSL has no \(algorithm.rawValue)")
            count = algorithm.digestCount
        }
    }

    /// The digest of the UTF-8 text.
    package static func hash(_ text: String, _ algorithm: HashAlgorithm) -> [UInt8] {
        hash(Array(text.utf8), algorithm)
    }
}
