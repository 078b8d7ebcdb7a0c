import GrapnelCore
import GrapnelFormat
import GrapnelRun
import Testing

@Suite struct DeploymentTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var on: String
        var type = "issues.opened"
        var body: JSON = [:]
        var isWanted: Bool

        var testDescription: String { "\(on) \(type) \(JSONWriter.text(body))" }
    }

    static let cases: [Case] = [
        Case(on: "{ source: github }", isWanted: true),
        Case(on: "{ source: github, events: [issues.opened] }", isWanted: true),
        Case(on: "{ source: github, events: [issues.closed, issues.opened] }", isWanted: true),
        Case(on: "{ source: github, events: [issues.closed] }", isWanted: false),
        Case(on: "{ source: github, events: [issues.*] }", isWanted: true),
        Case(on: "{ source: github, events: [issues.*] }", type: "issues", isWanted: false),
        Case(on: "{ source: github, events: [\"*\"] }", type: "push", isWanted: true),
        Case(on: "{ source: crm, events: [issues.opened] }", isWanted: false),
        Case(on: "[{ source: crm }, { source: github }]", isWanted: true),
        Case(
            on: "{ source: github, where: { body.amount: { $gt: 5 } } }", body: ["amount": 6], isWanted: true),
        Case(
            on: "{ source: github, where: { body.amount: { $gt: 5 } } }", body: ["amount": 5], isWanted: false),
        Case(
            on: "[{ source: github, where: { body.a: 1 } }, { source: github, where: { body.b: 1 } }]",
            body: ["b": 1], isWanted: true),
    ]

    @Test(arguments: cases)
    func `a recipe gets the events that it wants`(sample: Case) throws {
        let deployment = Deployment([try Sample.recipe(on: sample.on)])
        let matches = deployment.matches(for: Sample.event(type: sample.type), body: sample.body)
        #expect(matches.count == (sample.isWanted ? 1 : 0))
    }

    @Test func `an event that a recipe wants twice makes one run, and recipes come by name`() throws {
        let twice = "[{ source: github }, { source: github, events: [issues.opened] }]"
        let deployment = Deployment([try Sample.recipe("zebra", on: twice), try Sample.recipe("ant", on: twice)])
        #expect(deployment.matches(for: Sample.event(), body: nil).map(\.recipe) == ["ant", "zebra"])
    }

    @Test func `the first recipe by name answers the vendor`() throws {
        let reply = "reply: { within: 4s }"
        let deployment = Deployment([
            try Sample.recipe("b", keys: reply), try Sample.recipe("a"), try Sample.recipe("c", keys: reply),
        ])
        let matches = deployment.matches(for: Sample.event(), body: nil)
        #expect(matches.map { $0.reply?.within } == [nil, .seconds(4), nil])
    }

    @Test(arguments: [
        ("{ source: github }", "{ source: github, events: [a.b] }", true),
        ("{ source: github, events: [a.*] }", "{ source: github, events: [a.b.c] }", true),
        ("{ source: github, events: [a.b] }", "{ source: github, events: [a.c] }", false),
        ("{ source: github, events: [a] }", "{ source: crm, events: [a] }", false),
        ("{ source: github, where: { body.x: 1 } }", "{ source: github, where: { body.x: 2 } }", false),
        ("{ source: github, where: { body.x: 1 } }", "{ source: github, where: { body.x: 1 } }", true),
        ("{ source: github, where: { body.x: 1 } }", "{ source: github }", true),
    ])
    func `two answers to one event are found where that can be known`(left: String, right: String, meet: Bool) throws {
        let reply = "reply: { within: 4s }"
        let first = try Sample.recipe("first", keys: reply, on: left).manifest
        let second = try Sample.recipe("second", keys: reply, on: right).manifest
        #expect((ReplyConflict.rival(of: second, among: [first]) != nil) == meet)
        let silent = try Sample.recipe("silent", on: right).manifest
        #expect(ReplyConflict.rival(of: silent, among: [first]) == nil)
    }
}
