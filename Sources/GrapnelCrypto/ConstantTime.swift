import COpenSSL

/// Comparison whose time says nothing of where two byte strings differ.
package enum ConstantTime {
    /// Whether both hold the same bytes. The time depends on their lengths only; lengths are no secret here.
    package static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                left.isEmpty || CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }

    /// Whether both hold the same bytes, without showing even whether their lengths agree: for shared keys that are
    /// sent as they are.
    package static func isEqualByDigest(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        isEqual(Digest.hash(left, .sha256), Digest.hash(right, .sha256))
    }
}
