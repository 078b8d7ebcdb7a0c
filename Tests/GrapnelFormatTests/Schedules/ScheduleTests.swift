import GrapnelCore
import GrapnelFormat
import Testing

@Suite struct ScheduleTests {
    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    private static func manifest(_ on: String) throws -> RecipeManifest {
        try RecipeManifest.decode(yaml: "on: \(on)\nhandler: handler.js", name: "report", file: "recipe.yaml")
    }

    private static func mistakes(_ on: String) -> [String] {
        do throws(FormatErrors) {
            _ = try RecipeManifest.decode(yaml: "on: \(on)\nhandler: handler.js", name: "report", file: "recipe.yaml")
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    @Test func `a recipe may run by time, and by events as well`() throws {
        let manifest = try Self.manifest(
            """

              - { schedule: "0 9 * * 1-5", timezone: Europe/Berlin }
              - { schedule: "@daily", catch_up: none }
              - { at: 2026-12-24T09:00:00+01:00 }
              - { source: github }
            """)
        #expect(manifest.triggers.map(\.source) == ["github"])
        #expect(manifest.schedules.map(\.expression) == ["0 9 * * 1-5", "@daily", "2026-12-24T08:00:00.000Z"])
        #expect(manifest.schedules.map(\.timezone) == ["Europe/Berlin", "UTC", "UTC"])
        #expect(manifest.schedules.map(\.catchUp) == [.latest, .none, .latest])
        #expect(Set(manifest.schedules.map(\.key)).count == 3)
    }

    @Test(arguments: [
        (#"{ schedule: "61 * * * *" }"#, "recipe.yaml:1:17: \"schedule\": the minute \"61\" is not one of 0-59"),
        (#"{ schedule: "@daily", timezone: Europe/Berln }"#, "did you mean \"Europe/Berlin\"?"),
        (#"{ schedule: "@daily", timezone: Nowhere }"#, "there is no time zone \"Nowhere\""),
        (#"{ schedule: "@daily", source: github }"#, "\"source\" belongs to events from outside"),
        (#"{ schedule: "@daily", at: 2026-12-24T09:00:00Z }"#, "both \"schedule\" and \"at\""),
        ("{ at: tomorrow }", "\"at\" must be a time such as"),
        ("{ at: 2026-12-24T09:00:00Z, timezone: Europe/Berlin }", "\"timezone\" belongs to \"schedule\""),
        ("{ source: github, timezone: Europe/Berlin }", "\"timezone\" belongs to a schedule"),
        (#"[{ schedule: "@daily" }, { schedule: "@daily" }]"#, "stands in \"on\" twice"),
        (#"{ schedule: "@daily", catch_up: all }"#, "\"catch_up\" must be one of none, latest"),
        ("{}", "needs the key \"source\", \"schedule\" or \"at\""),
    ]) func `a mistake in a schedule is shown at its place`(_ on: String, _ expected: String) {
        let mistakes = Self.mistakes(on)
        #expect(mistakes.contains { $0.contains(expected) }, "\(mistakes)")
    }

    @Test func `of missed ticks the last is due, and the others are counted`() throws {
        let schedule = Schedule(.repeating(try CronExpression("0 * * * *"), in: .utc))
        let last = try Self.time("2026-01-05T09:00:00Z")
        #expect(schedule.due(after: last, by: try Self.time("2026-01-05T09:59:59Z")) == nil)
        let one = try #require(schedule.due(after: last, by: try Self.time("2026-01-05T10:00:00Z")))
        #expect(one.at == (try Self.time("2026-01-05T10:00:00Z")) && one.missed == 0)
        let five = try #require(schedule.due(after: last, by: try Self.time("2026-01-05T14:30:00Z")))
        #expect(five.at == (try Self.time("2026-01-05T14:00:00Z")) && five.missed == 4)
    }

    @Test func `a stop of years is bridged without going through every tick`() throws {
        let schedule = Schedule(.repeating(try CronExpression("* * 9 1 1 *"), in: .utc))
        let due = try #require(
            schedule.due(after: try Self.time("2016-01-01T00:00:00Z"), by: try Self.time("2026-06-05T12:00:00Z")))
        #expect(due.at == (try Self.time("2026-01-01T09:59:59Z")))
        #expect(due.missed == Schedule.mostCounted)
    }

    @Test func `a moment comes once`() throws {
        let moment = try Self.time("2026-12-24T09:00:00Z")
        let schedule = Schedule(.once(moment))
        #expect(schedule.next(after: moment - .seconds(1)) == moment)
        #expect(schedule.next(after: moment) == nil)
        #expect(schedule.due(after: moment, by: moment + .seconds(1)) == nil)
    }
}
