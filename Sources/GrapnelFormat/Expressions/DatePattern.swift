package import GrapnelCore

/// How a time is written: plain text and the letters of `strftime` after `%`. Always UTC, names in English.
package struct DatePattern: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case text(UInt8)
        case field(UInt8)
    }

    private let parts: [Part]

    /// The pattern that `text` spells; `nil` when a letter after `%` is none of `Y y m b d e j a H M S L s %`.
    package init?(_ text: String) {
        var parts: [Part] = []
        var isField = false
        for byte in text.utf8 {
            if isField {
                if byte == UInt8(ascii: "%") {
                    parts.append(.text(byte))
                } else {
                    guard "YymbdejaHMSLs".utf8.contains(byte) else { return nil }
                    parts.append(.field(byte))
                }
                isField = false
            } else if byte == UInt8(ascii: "%") {
                isField = true
            } else {
                parts.append(.text(byte))
            }
        }
        guard !isField else { return nil }
        self.parts = parts
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// `time` in this pattern.
    package func text(of time: Timestamp) -> String {
        let day: Int64 = 86_400_000
        var days = time.milliseconds / day
        if time.milliseconds % day < 0 { days -= 1 }
        let rest = time.milliseconds - days * day
        let date = CivilDate(daysSince1970: days)
        var bytes: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let byte): bytes.append(byte)
            case .field(let letter):
                bytes.append(contentsOf: DatePattern.field(letter, days: days, rest: rest, date: date).utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func field(_ letter: UInt8, days: Int64, rest: Int64, date: CivilDate) -> String {
        switch Unicode.Scalar(letter) {
        case "Y": padded(date.year, 4)
        case "y": padded(abs(date.year % 100), 2)
        case "m": padded(date.month, 2)
        case "b": months[Int(date.month - 1) % 12]
        case "d": padded(date.day, 2)
        case "e": String(date.day)
        case "j": padded(days - CivilDate(year: date.year, month: 1, day: 1).daysSince1970 + 1, 3)
        case "a": weekdays[Int(((days + 4) % 7 + 7) % 7)]
        case "H": padded(rest / 3_600_000, 2)
        case "M": padded(rest / 60_000 % 60, 2)
        case "S": padded(rest / 1000 % 60, 2)
        case "L": padded(rest % 1000, 3)
        default: String(days * 86_400 + rest / 1000)
        }
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
