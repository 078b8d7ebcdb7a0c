/// A moment of wall-clock time: milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Sendable, Hashable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// A moment that does not come: when work is due that waits for something else than time.
    package static let never = Timestamp(milliseconds: .max)

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// The moment `duration` later; stops at the ends of the range instead of wrapping.
    package static func + (left: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = left.milliseconds.addingReportingOverflow(duration.milliseconds)
        return Timestamp(milliseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// The moment `duration` earlier.
    package static func - (left: Timestamp, duration: Duration) -> Timestamp { left + (Duration.zero - duration) }

    /// How long from `right` to `left`.
    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds.subtractingReportingOverflow(right.milliseconds).partialValue)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-01-05T09:00:00.000Z`.
    package var description: String {
        let days = milliseconds.flooredDivision(by: 86_400_000)
        let rest = milliseconds - days * 86_400_000
        let date = CivilDate(daysSince1970: days)
        func padded(_ value: Int64, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
            + "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2)):\(padded(rest / 1000 % 60, 2))"
            + ".\(padded(rest % 1000, 3))Z"
    }

    /// For names of files, to the second: `20260105T090000Z`.
    package var compact: String { description.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z" }

    /// The moment that an RFC 3339 text names, with `Z` or an offset; `nil` for anything else.
    package init?(rfc3339 text: String) {
        var digits = Array(text.utf8)[...]
        func number(_ width: Int) -> Int64? {
            guard digits.count >= width else { return nil }
            var value: Int64 = 0
            for byte in digits.prefix(width) {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            digits = digits.dropFirst(width)
            return value
        }
        func mark(_ marks: String) -> UInt8? {
            guard let first = digits.first, marks.utf8.contains(first) else { return nil }
            digits = digits.dropFirst()
            return first
        }
        guard let year = number(4), mark("-") != nil, let month = number(2), mark("-") != nil, let day = number(2),
            mark("Tt ") != nil, let hour = number(2), mark(":") != nil, let minute = number(2), mark(":") != nil,
            let second = number(2), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var fraction: Int64 = 0
        if mark(".") != nil {
            var scale: Int64 = 100
            guard let first = digits.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
            while let digit = digits.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
                fraction += Int64(digit - UInt8(ascii: "0")) * scale
                scale /= 10
                digits = digits.dropFirst()
            }
        }
        var offset: Int64 = 0
        guard let zone = mark("Zz+-") else { return nil }
        if zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-") {
            guard let hours = number(2), mark(":") != nil, let minutes = number(2), hours < 24, minutes < 60 else {
                return nil
            }
            offset = (hours * 60 + minutes) * (zone == UInt8(ascii: "-") ? -60_000 : 60_000)
        }
        guard digits.isEmpty else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        self.init(
            milliseconds: days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction - offset)
    }
}
