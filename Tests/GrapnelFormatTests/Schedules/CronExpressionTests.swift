import GrapnelCore
import GrapnelFormat
import Testing

@Suite struct CronExpressionTests {
    /// The next times of an expression, as UTC texts without seconds and fractions where these are zero.
    private static func next(
        _ expression: String, after start: String, in zone: String = "UTC", count: Int = 3
    ) throws -> [String] {
        let cron = try CronExpression(expression)
        let rules = try #require(TimeZoneRules(zone))
        var moment = try #require(Timestamp(rfc3339: start))
        var found: [String] = []
        while found.count < count, let next = cron.next(after: moment, in: rules) {
            found.append(next.description.replacing(":00.000Z", with: "").replacing(".000Z", with: ""))
            moment = next
        }
        return found
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var expression: String
        var start: String
        var expected: [String]
        var testDescription: String { expression }

        init(_ expression: String, _ start: String, _ expected: [String]) {
            self.expression = expression
            self.start = start
            self.expected = expected
        }
    }

    private static let plain = [
        Case("* * * * *", "2026-01-05T09:00:00Z", ["2026-01-05T09:01", "2026-01-05T09:02", "2026-01-05T09:03"]),
        Case("*/15 * * * *", "2026-01-05T09:50:30Z", ["2026-01-05T10:00", "2026-01-05T10:15", "2026-01-05T10:30"]),
        Case("0 9 * * 1-5", "2026-01-02T09:00:00Z", ["2026-01-05T09:00", "2026-01-06T09:00", "2026-01-07T09:00"]),
        Case("0 9 * * mon-FRI", "2026-01-02T09:00:00Z", ["2026-01-05T09:00", "2026-01-06T09:00", "2026-01-07T09:00"]),
        Case(
            "5,35 8-10/2 * * *", "2026-01-05T08:30:00Z", ["2026-01-05T08:35", "2026-01-05T10:05", "2026-01-05T10:35"]),
        Case("0 0 1 jan,jul *", "2026-01-05T00:00:00Z", ["2026-07-01T00:00", "2027-01-01T00:00", "2027-07-01T00:00"]),
        Case("0 0 * * 7", "2026-01-05T00:00:00Z", ["2026-01-11T00:00", "2026-01-18T00:00", "2026-01-25T00:00"]),
        Case("0 0 29 2 *", "2026-01-05T00:00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"]),
        Case("0 0 31 * *", "2026-01-31T00:00:00Z", ["2026-03-31T00:00", "2026-05-31T00:00", "2026-07-31T00:00"]),
        // Either day is right when both fields are given; both must be when one begins with a star.
        Case("0 0 13 * 5", "2026-02-01T00:00:00Z", ["2026-02-06T00:00", "2026-02-13T00:00", "2026-02-20T00:00"]),
        Case("0 0 */2 * 1", "2026-01-01T00:00:00Z", ["2026-01-05T00:00", "2026-01-19T00:00", "2026-02-09T00:00"]),
        Case("@daily", "2026-01-05T09:00:00Z", ["2026-01-06T00:00", "2026-01-07T00:00", "2026-01-08T00:00"]),
        Case("@hourly", "2026-01-05T09:00:00Z", ["2026-01-05T10:00", "2026-01-05T11:00", "2026-01-05T12:00"]),
        Case("@weekly", "2026-01-05T09:00:00Z", ["2026-01-11T00:00", "2026-01-18T00:00", "2026-01-25T00:00"]),
        Case("@yearly", "2026-01-05T09:00:00Z", ["2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00"]),
        Case(
            "*/20 0 9 * * *", "2026-01-05T08:00:00Z",
            ["2026-01-05T09:00", "2026-01-05T09:00:20", "2026-01-05T09:00:40"]),
        Case(
            "59 59 23 31 12 *", "2026-12-31T23:59:59Z",
            ["2027-12-31T23:59:59", "2028-12-31T23:59:59", "2029-12-31T23:59:59"]),
    ]

    @Test(arguments: plain) func `an expression says when it comes next`(_ rule: Case) throws {
        #expect(try Self.next(rule.expression, after: rule.start) == rule.expected)
    }

    @Test func `a time of the day is that of clocks in the zone`() throws {
        let winter = try Self.next("0 9 * * *", after: "2026-01-05T00:00:00Z", in: "Europe/Berlin", count: 1)
        #expect(winter == ["2026-01-05T08:00"])
        let summer = try Self.next("0 9 * * *", after: "2026-07-05T00:00:00Z", in: "Europe/Berlin", count: 1)
        #expect(summer == ["2026-07-05T07:00"])
        let west = try Self.next("30 23 * * *", after: "2026-07-05T00:00:00Z", in: "America/New_York", count: 1)
        #expect(west == ["2026-07-05T03:30"])
    }

    // Clocks in Berlin went from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC.
    @Test func `a time that does not exist comes at the first moment after the gap, once`() throws {
        let times = try Self.next("30 2 * * *", after: "2026-03-28T00:00:00Z", in: "Europe/Berlin")
        #expect(times == ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"])
        let several = try Self.next("*/10 2-3 * * *", after: "2026-03-29T00:30:00Z", in: "Europe/Berlin", count: 2)
        #expect(several == ["2026-03-29T01:00", "2026-03-29T01:10"])
    }

    // Clocks in Berlin went from 03:00 back to 02:00 on 2026-10-25 at 01:00 UTC.
    @Test func `a time that exists twice comes once, the first time`() throws {
        let times = try Self.next("30 2 * * *", after: "2026-10-24T12:00:00Z", in: "Europe/Berlin")
        #expect(times == ["2026-10-25T00:30", "2026-10-26T01:30", "2026-10-27T01:30"])
        // Asked for in the hour that clocks show again.
        let between = try Self.next("30 2 * * *", after: "2026-10-25T01:10:00Z", in: "Europe/Berlin", count: 1)
        #expect(between == ["2026-10-26T01:30"])
        let after = try Self.next("0 3 * * *", after: "2026-10-25T01:10:00Z", in: "Europe/Berlin", count: 1)
        #expect(after == ["2026-10-25T02:00"])
    }

    @Test(arguments: [
        ("2026-03-29T00:30:00Z", ["2026-03-29T00:45", "2026-03-29T01:00", "2026-03-29T01:15", "2026-03-29T01:30"]),
        ("2026-10-25T00:30:00Z", ["2026-10-25T00:45", "2026-10-25T01:00", "2026-10-25T01:15", "2026-10-25T01:30"]),
    ]) func `what goes by the hour goes on when clocks are changed`(_ start: String, _ expected: [String]) throws {
        #expect(try Self.next("*/15 * * * *", after: start, in: "Europe/Berlin", count: 4) == expected)
    }

    @Test func `clocks that are changed by half an hour, or at midnight, are known too`() throws {
        // Lord Howe: 2026-10-04 02:00 → 02:30 at 15:30 UTC the day before.
        let half = try Self.next("15 2 * * *", after: "2026-10-03T00:00:00Z", in: "Australia/Lord_Howe", count: 1)
        #expect(half == ["2026-10-03T15:30"])
        // Santiago: 2026-09-06 00:00 → 01:00 at 04:00 UTC.
        let midnight = try Self.next("@daily", after: "2026-09-05T12:00:00Z", in: "America/Santiago", count: 2)
        #expect(midnight == ["2026-09-06T04:00", "2026-09-07T03:00"])
    }

    @Test func `every minute of two years comes once and in order, in zones of all kinds`() throws {
        for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]
        {
            let rules = try #require(TimeZoneRules(zone))
            for expression in ["17 * * * *", "30 1,2,3 * * *", "0 0 * * *"] {
                let cron = try CronExpression(expression)
                var moment = try #require(Timestamp(rfc3339: "2026-01-01T00:00:00Z"))
                let end = try #require(Timestamp(rfc3339: "2028-01-01T00:00:00Z"))
                var count = 0
                while let next = cron.next(after: moment, in: rules), next < end {
                    #expect(next > moment)
                    // Whoever asks a moment earlier or at the tick before hears the same.
                    #expect(cron.next(after: next - .milliseconds(1), in: rules) == next)
                    moment = next
                    count += 1
                }
                let days = 730
                switch expression {
                case "17 * * * *": #expect((days * 24 - 2...days * 24 + 2).contains(count), "\(zone)")
                case "30 1,2,3 * * *": #expect((days * 3 - 2...days * 3).contains(count), "\(zone) \(count)")
                default: #expect(count == days || count == days - 1, "\(zone) \(count)")
                }
            }
        }
    }

    @Test(arguments: [
        ("61 * * * *", "the minute \"61\" is not one of 0-59"),
        ("* 25 * * *", "the hour \"25\" is not one of 0-23"),
        ("* * 0 * *", "the day of month \"0\" is not one of 1-31"),
        ("* * * foo *", "the month \"foo\" is not one of 1-12 or jan-dec"),
        ("* * * * 8", "the day of week \"8\" is not one of 0-7 or sun-sat"),
        ("* * * * fri-mon", "the day of week \"fri-mon\" is a range that ends before it begins"),
        ("5/10 * * * *", "the minute \"5/10\" has a step without a range; write 5-59"),
        ("*/0 * * * *", "the minute \"*/0\" has a step"),
        ("1,,2 * * * *", "the minute \"\" is not one of 0-59"),
        ("-5 * * * *", "the minute \"\" is not one of 0-59"),
        ("* * L * *", "the day of month \"L\" is not one of 1-31"),
        ("* * * *", "has 4 fields"),
        ("", "has 0 fields"),
        ("@reboot", "is not one of @annually"),
        ("0 0 30 2 *", "never comes"),
        ("٣ * * * *", "the minute \"٣\" is not one of 0-59"),
    ]) func `a mistake is shown with its field`(_ expression: String, _ expected: String) throws {
        let error = #expect(throws: CronError.self) { try CronExpression(expression) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "no error")")
    }

    @Test func `a zone that does not exist is refused with the nearest one`() {
        #expect(TimeZoneRules("Europe/Berln") == nil)
        #expect(TimeZoneRules("CET+1") == nil)
        #expect(TimeZoneRules("EST") == nil)
        #expect(TimeZoneRules.nearest(to: "Europe/Berln") == "Europe/Berlin")
        #expect(TimeZoneRules.nearest(to: "somewhere else entirely") == nil)
    }
}
