/// Where randomness comes from, so that a test can seed it. Keys and tokens never come from here but from
/// the operating system (`GrapnelCrypto`).
package protocol RandomSource: Sendable {
    /// 64 random bits.
    func next() -> UInt64
}

extension RandomSource {
    /// A number in 0 ..< 1.
    package func unit() -> Double {
        Double(next() >> 11) / Double(UInt64(1) << 53)
    }
}
