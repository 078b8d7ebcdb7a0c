/// When something happens again and again: five fields (minute, hour, day of month, month, day of week), optionally
/// one of seconds before them, or a word such as `@daily`.
///
/// A day must be right in both fields of days when one of them begins with `*`, and in either otherwise (Vixie cron).
package struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    /// The expression, with one blank between its fields.
    package let description: String

    let seconds: CronField
    let minutes: CronField
    let hours: CronField
    let daysOfMonth: CronField
    let months: CronField
    let daysOfWeek: CronField

    private static let words: [String: String] = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// The expression that `text` spells.
    package init(_ text: String) throws(CronError) {
        let written = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        description = written.joined(separator: " ")
        var fields = written
        if let word = written.first, word.hasPrefix("@") {
            guard written.count == 1, let meaning = CronExpression.words[word.lowercased()] else {
                let known = CronExpression.words.keys.sorted().joined(separator: ", ")
                throw CronError("\"\(description)\" is not one of \(known)")
            }
            fields = meaning.split(separator: " ").map(String.init)
        }
        guard fields.count == 5 || fields.count == 6 else {
            throw CronError(
                "\"\(description)\" has \(fields.count) fields; write minute, hour, day of month, month, day of week")
        }
        let hasSeconds = fields.count == 6
        seconds = hasSeconds ? try CronField(.second, fields.removeFirst()) : CronField(.second, only: 0)
        minutes = try CronField(.minute, fields[0])
        hours = try CronField(.hour, fields[1])
        daysOfMonth = try CronField(.dayOfMonth, fields[2])
        months = try CronField(.month, fields[3])
        daysOfWeek = try CronField(.dayOfWeek, fields[4])
        guard firstMatch(from: 0) != nil else {
            throw CronError("\"\(description)\" never comes: no such day is in the calendar")
        }
    }

    /// Whether it goes on from hour to hour, rather than at times of the day: a change of the offset neither skips nor
    /// repeats any of it.
    var goesByTheHour: Bool { hours.isFull }
}
