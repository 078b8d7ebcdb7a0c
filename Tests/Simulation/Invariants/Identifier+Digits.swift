import GrapnelCore

extension Identifier {
    /// As `hex()` of SQLite writes it.
    var digits: String {
        let text = [high, low].map { half in
            let digits = String(half, radix: 16, uppercase: true)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        return text.joined()
    }

    /// The identity that `hex()` of SQLite wrote.
    init?(digits: String) {
        guard digits.count == 32, let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}
