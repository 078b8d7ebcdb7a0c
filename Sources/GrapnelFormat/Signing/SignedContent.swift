/// The bytes that a vendor signs.
package enum SignedContent {
    /// What `scheme` signs in `scope`, whose `url`, `timestamp` and `secret` are set as far as the scheme has them.
    ///
    /// Throws `absent` when a part is missing, and nothing is signed by `equality` and `basic`.
    package static func bytes(_ scheme: SignatureScheme, in scope: RequestScope) throws(ExpressionError) -> [UInt8] {
        guard let signs = scheme.signs else { return [] }
        return try signs.bytes(in: scope)
    }
}
