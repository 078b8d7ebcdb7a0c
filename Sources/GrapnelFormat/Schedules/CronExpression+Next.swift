package import GrapnelCore

extension CronExpression {
    /// Years in which a day is looked for: the calendar repeats within 400, and what is asked for within far fewer.
    private static let horizon: Int64 = 60

    /// The next moment after `moment` at which a clock in `zone` shows a time that fits.
    ///
    /// When clocks are put forward, a time of the day that does not exist comes at the first moment after the gap; when
    /// they are put back, one that exists twice comes once, the first time. What goes by the hour goes on: every quarter
    /// of an hour is a quarter of an hour after the last, whatever clocks show.
    ///
    /// - Returns: `nil` when there is none within 60 years.
    package func next(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        // Seconds since 1970 throughout; local ones are those of a clock on the wall.
        var instant = moment.milliseconds.flooredDivision(by: 1000)
        var offset = zone.offset(at: instant)
        var from = instant + 1 + offset
        if !goesByTheHour, let end = CronExpression.repetition(at: instant, in: zone) { from = max(from, end) }
        while let local = firstMatch(from: from) {
            guard let change = zone.nextChange(after: instant), local - offset >= change.at else {
                return Timestamp(milliseconds: (local - offset) * 1000)
            }
            let old = change.at + offset
            let new = change.at + change.offset
            if !goesByTheHour, local < new { return Timestamp(milliseconds: change.at * 1000) }
            instant = change.at
            offset = change.offset
            from = goesByTheHour ? new : max(old, new)
        }
        return nil
    }

    /// The local time up to which clocks show what they have shown before, when they were put back within the last day.
    private static func repetition(at instant: Int64, in zone: TimeZoneRules) -> Int64? {
        let day: Int64 = 86_400
        guard let change = zone.nextChange(after: instant - day), change.at <= instant else { return nil }
        return change.at + zone.offset(at: change.at - 1)
    }

    /// The first local time from `start` on that fits.
    func firstMatch(from start: Int64) -> Int64? {
        var days = start.flooredDivision(by: 86_400)
        var second = Int(start - days * 86_400)
        let lastYear = CivilDate(daysSince1970: days).year + CronExpression.horizon
        while true {
            let date = CivilDate(daysSince1970: days)
            guard date.year <= lastYear else { return nil }
            if !months.contains(Int(date.month)) {
                let isLast = date.month == 12
                let next = CivilDate(
                    year: isLast ? date.year + 1 : date.year, month: isLast ? 1 : date.month + 1, day: 1)
                days = next.daysSince1970
            } else if fits(date, days: days), let time = firstTime(from: second) {
                return days * 86_400 + Int64(time)
            } else {
                days += 1
            }
            second = 0
        }
    }

    private func fits(_ date: CivilDate, days: Int64) -> Bool {
        // 1970-01-01 was a Thursday.
        let shifted = days + 4
        let fitsMonth = daysOfMonth.contains(Int(date.day))
        let fitsWeek = daysOfWeek.contains(Int(shifted - shifted.flooredDivision(by: 7) * 7))
        let isEither = !daysOfMonth.isStarred && !daysOfWeek.isStarred
        return isEither ? fitsMonth || fitsWeek : fitsMonth && fitsWeek
    }

    /// The first second of a day from `start` on whose time fits.
    private func firstTime(from start: Int) -> Int? {
        var (hour, minute, second) = (start / 3600, start / 60 % 60, start % 60)
        while let fittingHour = hours.first(from: hour) {
            if fittingHour > hour { (hour, minute, second) = (fittingHour, 0, 0) }
            while let fittingMinute = minutes.first(from: minute) {
                if fittingMinute > minute { (minute, second) = (fittingMinute, 0) }
                if let fittingSecond = seconds.first(from: second) {
                    return hour * 3600 + minute * 60 + fittingSecond
                }
                (minute, second) = (minute + 1, 0)
            }
            (hour, minute, second) = (hour + 1, 0, 0)
        }
        return nil
    }
}
