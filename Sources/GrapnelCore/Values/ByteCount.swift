/// A number of bytes, written `64KiB`, `1MiB`, `10GiB` or `512B` in files.
package struct ByteCount: Sendable, Hashable, Comparable {
    package let bytes: Int

    package init(bytes: Int) { self.bytes = bytes }

    package static func bytes(_ count: Int) -> ByteCount { ByteCount(bytes: count) }
    package static func kibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 10) }
    package static func mebibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 20) }
    package static func gibibytes(_ count: Int) -> ByteCount { ByteCount(bytes: count << 30) }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    private static let units: [(suffix: String, shift: Int)] = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)]

    /// The size that `text` spells; `nil` when it has no unit, a sign, or does not fit.
    package init?(_ text: String) {
        guard let unit = ByteCount.units.first(where: { text.hasSuffix($0.suffix) }),
            let count = Int(text.dropLast(unit.suffix.count)), count >= 0, text.first != "+"
        else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << unit.shift)
        guard !overflow else { return nil }
        self.init(bytes: bytes)
    }
}

extension ByteCount {
    /// For people: about how much it is, in the largest unit that gives a whole number.
    package var rounded: String {
        let unit = ByteCount.units.first { bytes >= 1 << $0.shift }
        return unit.map { "\(bytes >> $0.shift) \($0.suffix)" } ?? "\(bytes) B"
    }
}

extension ByteCount: CustomStringConvertible {
    package var description: String {
        guard bytes > 0 else { return "\(bytes)B" }
        for unit in ByteCount.units where bytes % (1 << unit.shift) == 0 {
            return "\(bytes >> unit.shift)\(unit.suffix)"
        }
        return "\(bytes)B"
    }
}
