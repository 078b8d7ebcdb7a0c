import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

/// What is done to many runs and effects at once.
@Suite struct BulkTests {
    private static func replay(_ filter: JSON = [:], _ more: [(String, JSON)] = []) -> JSON {
        .object(JSONObject([("action", "replay"), ("mode", "missing"), ("filter", filter)] + more))
    }

    @Test func `a preview counts, sums up and gives examples, and changes nothing`() async throws {
        try await ManagementBench.with { bench async throws in
            var runs: [String] = []
            for index in 0..<4 {
                runs.append(try await bench.stop(delivery: "d\(index)", .die(.exhausted), "no").description)
                bench.clock.advance(by: .seconds(60))
            }
            _ = try await bench.accept(delivery: "waits")
            let preview = try await bench.preview(Self.replay(["recipe": "greeter"]))
            #expect(preview["count"] == 4)
            #expect(preview["recipes"] == [["recipe": "greeter", "count": 4]])
            #expect(preview["examples"]?.array?.map(\.string) == runs.prefix(3).map { Optional($0) })
            #expect(preview["oldest"]?.string ?? "" < preview["newest"]?.string ?? "")
            #expect(preview["next"] == nil)
            #expect(try await bench.queue.counts().runs[.ready] == 1)
        }
    }

    @Test func `a replay takes steps, and what fails meanwhile is not in its set`() async throws {
        try await ManagementBench.with { bench async throws in
            for index in 0..<300 { try await bench.stop(delivery: "d\(index)", .die(.exhausted), "no") }
            let preview = try await bench.preview(Self.replay())
            #expect(preview["count"] == 300)
            bench.clock.advance(by: .seconds(1))
            try await bench.stop(delivery: "late", .die(.exhausted), "no")
            let asOf = ("as_of", try #require(preview["as_of"]))
            let first = try await bench.step(Self.replay([:], [asOf]))
            #expect(first["done"] == 250)
            let next = try #require(first["next"])
            let second = try await bench.step(Self.replay([:], [asOf, ("after", next)]))
            #expect(second["done"] == 50)
            #expect(second["next"] == nil)
            #expect(try await bench.queue.counts().runs[.ready] == 300)
            // The same again finds only what failed since, and with `replayed` everything.
            #expect(try await bench.preview(Self.replay())["count"] == 1)
            #expect(try await bench.preview(Self.replay([:], [("replayed", true)]))["count"] == 301)
        }
    }

    @Test func `what a replay would send again is said by operation and state`() async throws {
        try await ManagementBench.with { bench async throws in
            _ = try await bench.stoppedOutput(delivery: "d1", .die(.rejected))
            _ = try await bench.stoppedOutput(delivery: "d2", .die(.rejected))
            let preview = try await bench.preview(Self.replay(["state": "succeeded"]))
            #expect(
                preview["effects"] == [
                    ["operation": "slack.postMessage", "class": "at_least_once", "state": "failed", "count": 2]
                ])
        }
    }

    @Test func `a filter looks into the events`() async throws {
        try await ManagementBench.with { bench async throws in
            for number in 1...3 { try await bench.accept(delivery: "d\(number)", body: #"{"number":\#(number)}"#) }
            func count(_ filter: JSON) async throws -> JSON? {
                try await bench.preview(["action": "cancel", "filter": filter])["count"]
            }
            #expect(try await count(["contains": "number\":2"]) == 1)
            #expect(try await count(["where": #"{"body.number":{"$gte":2}}"#]) == 2)
            #expect(try await count(["where": #"{"body.number":{"$gte":2}}"#, "source": "stripe"]) == 0)
            #expect(try await count(["since": "1m"]) == 3)
            #expect(try await count(["until": "1m"]) == 0)
            let listed = try await bench.ask("GET", "/v1/events?where=%7B%22body.number%22:3%7D").json
            #expect(listed?["events"]?.array?.count == 1)
            #expect(listed?["scanned"] == 3)
            let runs = try await bench.ask("GET", "/v1/runs?contains=number%22:3").json
            #expect(runs?["runs"]?.array?.count == 1)
        }
    }

    @Test func `many are cancelled, and what is over stays`() async throws {
        try await ManagementBench.with { bench async throws in
            for number in 1...3 { try await bench.accept(delivery: "d\(number)") }
            let step = try await bench.step(["action": "cancel", "filter": ["recipe": "greeter"]])
            #expect(step["done"] == 3)
            #expect(try await bench.queue.counts().runs[.cancelled] == 3)
            #expect(try await bench.preview(["action": "cancel", "filter": ["recipe": "greeter"]])["count"] == 0)
            let again = try await bench.step(Self.replay(["state": "cancelled"]))
            #expect(again["done"] == 3)
        }
    }

    @Test func `many are resolved, and deliveries cancelled`() async throws {
        try await ManagementBench.with { bench async throws in
            let parked = try await bench.stoppedOutput(delivery: "d1", .park(.unknownEffect), state: .unknown)
            let dead = try await bench.stoppedOutput(delivery: "d2", .die(.rejected))
            let waiting: JSON = ["action": "resolve", "choice": "resend", "filter": ["connection": "slack"]]
            #expect(try await bench.preview(waiting)["examples"] == [.string(parked.description)])
            let all: JSON = ["action": "resolve", "choice": "resend", "filter": ["delivery": "dead,parked"]]
            #expect(try await bench.step(all)["done"] == 2)
            #expect(try await bench.queue.effect(dead)?.delivery?.state == .ready)
            let runs = try await bench.queue.counts().runs
            let cancel: JSON = ["action": "cancel", "what": "effects", "filter": ["connection": "slack"]]
            #expect(try await bench.step(cancel)["done"] == 2)
            #expect(try await bench.queue.counts().outputs[.cancelled] == 2)
            // Neither made a run.
            #expect(try await bench.queue.counts().runs == runs)
            let refused = try await bench.step(
                ["action": "resolve", "choice": "confirm", "filter": ["delivery": "cancelled"]])
            #expect(refused["done"] == 1)
            #expect(refused["refused"] == 1)
            #expect(refused["refusals"]?[0]?["id"]?.string == dead.description)
        }
    }

    @Test(arguments: [
        (##"{"action": "destroy"}"##, "action"), (##"{"action": "replay"}"##, "mode"),
        (##"{"action": "resolve", "choice": "maybe"}"##, "choice"),
        (##"{"action": "replay", "mode": "again", "filter": {"state": "ready"}}"##, "not to what is ready"),
        (##"{"action": "cancel", "filter": {"state": "dead"}}"##, "not to what is dead"),
        (##"{"action": "cancel", "filter": {"recipes": "x"}}"##, "recipes"),
        (##"{"action": "cancel", "filter": {"since": "yesterday"}}"##, "since"),
        (##"{"action": "cancel", "filter": {"where": "{"}}"##, "where"),
        (##"{"action": "cancel", "filter": {"where": "{\"$gt\": 1}"}}"##, "$gt"),
        (##"{"action": "cancel", "filter": {"reason": "tired"}}"##, "tired"),
        (##"{"action": "cancel", "filter": {"recipe": 7}}"##, "recipe"),
        (##"{"action": "cancel", "filter": []}"##, "filter"),
        (##"{"action": "cancel", "after": "here"}"##, "after"), (##"{"action": "cancel", "as_of": "now"}"##, "as_of"),
    ])
    func `a bulk that is not understood is refused`(document: String, says: String) async throws {
        try await ManagementBench.with { bench async throws in
            for part in ["preview", "step"] {
                let answer = try await bench.ask("POST", "/v1/bulk/\(part)", try JSONParser.parse(document))
                #expect(answer.status == 400)
                #expect(answer.json?["detail"]?.string?.contains(says) == true, "\(answer.text)")
            }
        }
    }

    @Test func `one run is cancelled by its id, once`() async throws {
        try await ManagementBench.with { bench async throws in
            let (_, run) = try await bench.accept()
            let answer = try await bench.ask("POST", "/v1/runs/\(run)/cancel")
            #expect(answer.json?["state"] == "cancelled")
            #expect(answer.json?["ending"] == false)
            #expect(try await bench.ask("POST", "/v1/runs/\(run)/cancel").status == 409)
            #expect(try await bench.ask("POST", "/v1/runs/run_x/cancel").status == 404)
            #expect(try await bench.ask("POST", "/v1/effects/eff_x/cancel").status == 404)
            let parked = try await bench.stoppedOutput(delivery: "d2", .park(.unknownEffect), state: .unknown)
            let effect = try await bench.ask("POST", "/v1/effects/\(parked)/cancel").json
            #expect(effect?["delivery"]?["state"] == "cancelled")
        }
    }
}
