package import GrapnelCore

/// Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
package enum RetryAfter {
    /// How long to wait; `nil` when the value is neither. A date that has passed is no wait.
    package static func duration(_ value: String, now: Timestamp) -> Duration? {
        let value = value.trimmingSpaces
        if !value.isEmpty, value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // A number that does not fit is longer than any limit.
            return .seconds(Int64(value).map { min($0, 1 << 40) } ?? 1 << 40)
        }
        // Some vendors send fractions, which the RFC does not know.
        if let seconds = Double(value), seconds.isFinite, seconds >= 0, seconds < 1e12 {
            return .milliseconds(Int64((seconds * 1000).rounded(.up)))
        }
        return date(value).map { max($0 - now, .zero) }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// An HTTP-date in its fixed form, `Sun, 06 Nov 1994 08:49:37 GMT`, or with the dashes and the two-digit year of
    /// RFC 850, or as C's `asctime` writes it.
    package static func date(_ text: String) -> Timestamp? {
        var parts = text.split { $0 == " " || $0 == "-" || $0 == "," }.map(String.init)
        guard parts.count >= 5 else { return nil }
        if parts[1].first?.isLetter == true {
            // asctime: Sun Nov  6 08:49:37 1994
            parts = [parts[0], parts[2], parts[1], parts[4], parts[3]]
        }
        let time = parts[4].split(separator: ":").compactMap { Int64($0) }
        guard let day = Int64(parts[1]), (1...31).contains(day), var year = Int64(parts[3]), (0...9999).contains(year),
            let month = months.firstIndex(of: parts[2]), time.count == 3, (0...23).contains(time[0]),
            (0...59).contains(time[1]), (0...60).contains(time[2])
        else { return nil }
        if parts[3].utf8.count == 2 { year += year < 70 ? 2000 : 1900 }
        let days = CivilDate(year: year, month: Int64(month + 1), day: day).daysSince1970
        return Timestamp(milliseconds: ((days * 24 + time[0]) * 60 + time[1]) * 60_000 + time[2] * 1000)
    }
}

extension String {
    /// The text without spaces and tabs at its ends.
    var trimmingSpaces: String {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = self[...].drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }
}
