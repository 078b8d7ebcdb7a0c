extension Duration {
    /// Whole milliseconds, fractions cut; stops at the ends of `Int64`.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return seconds < 0 ? .min : .max }
        return product + attoseconds / 1_000_000_000_000_000
    }

    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// The duration that `text` spells: `250ms 30s 5m 2h 7d`; `nil` without a unit, with a sign, or out of range.
    package init?(text: String) {
        guard let unit = Duration.units.first(where: { text.hasSuffix($0.suffix) }),
            let count = Int64(text.dropLast(unit.suffix.count)), count >= 0, text.first != "+"
        else { return nil }
        let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow else { return nil }
        self = .milliseconds(milliseconds)
    }

    /// The text form in the largest unit that divides it: `90s`, `5m`.
    package var text: String {
        let count = milliseconds
        let unit = Duration.units.last { count % $0.milliseconds == 0 } ?? (suffix: "ms", milliseconds: 1)
        return count == 0 ? "0s" : "\(count / unit.milliseconds)\(unit.suffix)"
    }
}
