import COpenSSL

/// Random bytes for keys, tokens and nonces.
package enum SecureRandom {
    /// `count` bytes of the operating system's generator.
    ///
    /// Stops the process when there are none to be had: a key that can be guessed must never be used.
    package static func bytes(_ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            precondition(RAND_bytes(output.baseAddress, Int32(count)) == 1, "OpenSSL has no random bytes")
            initialized = count
        }
    }
}
