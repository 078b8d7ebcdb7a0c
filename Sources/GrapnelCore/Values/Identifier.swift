/// The identity of one `Subject`: 128 bits, of which the first 48 are the milliseconds of its making.
///
/// Identifiers sort by age, so that rows are appended and lists page by id. The text form is a prefix for people and
/// 26 characters of Crockford's base 32: `evt_01jz3k…`.
package struct Identifier<Subject: IdentifiedSubject>: Sendable, Hashable, Comparable {
    package let high: UInt64
    package let low: UInt64

    /// The identifier of these two halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// The lowest identifier that could be made at `time`: where a list that begins there begins.
    package static func lowest(at time: Timestamp) -> Self {
        Self(high: UInt64(min(max(time.milliseconds, 0), 1 << 48 - 1)) << 16, low: 0)
    }

    /// When it was made.
    package var madeAt: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    /// The 16 bytes, most significant first: what a table stores.
    package var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        for index in 0..<8 {
            bytes[index] = UInt8(truncatingIfNeeded: high >> (56 - 8 * UInt64(index)))
            bytes[index + 8] = UInt8(truncatingIfNeeded: low >> (56 - 8 * UInt64(index)))
        }
        return bytes
    }

    /// The identifier of 16 stored bytes; `nil` for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            if index < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
        }
        self.init(high: high, low: low)
    }
}

extension Identifier: CustomStringConvertible {
    package var description: String {
        var text = Subject.identifierPrefix.utf8.map { $0 }
        text.append(UInt8(ascii: "_"))
        for index in 0..<26 {
            // 130 bits are written; the first character holds the top three bits.
            let shift = 125 - 5 * index
            let digit: UInt64
            switch shift {
            case 64...: digit = high >> UInt64(shift - 64)
            case 60..<64: digit = high << UInt64(64 - shift) | low >> UInt64(shift)
            default: digit = low >> UInt64(shift)
            }
            text.append(CrockfordBase32.digits[Int(digit & 31)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The identifier that `text` spells, with its prefix; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let prefix = Subject.identifierPrefix + "_"
        guard text.hasPrefix(prefix) else { return nil }
        let digits = text.utf8.dropFirst(prefix.utf8.count)
        guard digits.count == 26 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, byte) in digits.enumerated() {
            guard let digit = CrockfordBase32.value(of: byte), index > 0 || digit < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(digit)
        }
        self.init(high: high, low: low)
    }
}
