import GrapnelCore
import GrapnelQueue
import GrapnelWeb
import TestSupport
import Testing

/// What the command line reads and changes.
@Suite struct ManagementServerTests {
    @Test func `an event is listed and shown with its run`() async throws {
        try await ManagementBench.with { bench async throws in
            let (event, run) = try await bench.accept()
            let list = try await bench.ask("GET", "/v1/events?source=github")
            #expect(list.status == 200)
            #expect(list.json?["events"]?[0]?["id"]?.string == event.id.description)
            let shown = try await bench.ask("GET", "/v1/events/\(event.id)")
            #expect(shown.json?["runs"]?[0]?["id"]?.string == run.description)
            #expect(shown.json?["body"] == ["number": 57])
            let story = try await bench.ask("GET", "/v1/runs/\(run)")
            #expect(story.json?["state"] == "ready")
            #expect(story.json?["event"]?["delivery_id"] == "d1")
            let requests = try await bench.ask("GET", "/v1/requests")
            #expect(requests.json?["requests"]?.array?.count == 1)
        }
    }

    @Test func `lists go page by page, and filters keep what fits`() async throws {
        try await ManagementBench.with { bench async throws in
            for number in 1...5 { try await bench.accept(delivery: "d\(number)", fingerprint: UInt8(number)) }
            let first = try #require(try await bench.ask("GET", "/v1/events?limit=3").json?["events"]?.array)
            #expect(first.count == 3)
            let last = try #require(first.last?["id"]?.string)
            let second = try await bench.ask("GET", "/v1/events?limit=3&before=\(last)")
            #expect(second.json?["events"]?.array?.count == 2)
            #expect(try await bench.ask("GET", "/v1/events?source=stripe").json?["events"] == .array([]))
            #expect(try await bench.ask("GET", "/v1/runs?state=succeeded,dead").json?["runs"] == .array([]))
            #expect(try await bench.ask("GET", "/v1/runs?state=ready").json?["runs"]?.array?.count == 5)
        }
    }

    @Test(arguments: [
        ("/v1/events?limit=0", "1 to 1000"), ("/v1/events?limit=many", "1 to 1000"),
        ("/v1/runs?before=yesterday", "before"), ("/v1/runs?before=evt_00000000000000000000000000", "before"),
        ("/v1/runs?state=ready,gone", "gone"), ("/v1/effects?delivery=lost", "lost"),
        ("/v1/events?conflicts=yes", "conflicts"), ("/v1/runs?recipes=greeter", "there are: before, contains, "),
        ("/v1/requests?rejected=true", "rejected"),
    ])
    func `a filter that is not understood is refused`(path: String, says: String) async throws {
        try await ManagementBench.with { bench async throws in
            try await bench.accept()
            let answer = try await bench.ask("GET", path)
            #expect(answer.status == 400)
            #expect(answer.json?["detail"]?.string?.contains(says) == true, "\(answer.text)")
        }
    }

    @Test func `a rejected request is shown whole`() async throws {
        try await ManagementBench.with { bench async throws in
            let id = try await bench.reject()
            let list = try await bench.ask("GET", "/v1/requests?rejected=1").json?["requests"]
            #expect(list?[0]?["id"]?.string == id.description)
            let shown = try await bench.ask("GET", "/v1/requests/\(id)")
            #expect(shown.json?["kind"] == "wrong_signature")
            #expect(shown.json?["detail"] == "no active secret matches")
            #expect(shown.json?["headers"]?[0]?["name"] == "X-Hub-Signature-256")
        }
    }

    @Test func `the status counts`() async throws {
        try await ManagementBench.with { bench async throws in
            try await bench.accept()
            try await bench.accept()
            let status = try await bench.ask("GET", "/v1/status").json
            #expect(status?["version"] == "test")
            #expect(status?["events"] == 1)
            #expect(status?["duplicates"] == 1)
            #expect(status?["runs"] == ["ready": 1])
            #expect(status?["oldest_due_at"]?.string == bench.clock.now().description)
            #expect(try await bench.ask("GET", "/v1/sources").json?["sources"]?[0]?["name"] == "github")
            #expect(try await bench.ask("GET", "/v1/recipes").json?["recipes"]?[0]?["name"] == "greeter")
        }
    }

    @Test func `an event in conflict runs when it is released, and only once`() async throws {
        try await ManagementBench.with { bench async throws in
            try await bench.accept(fingerprint: 1)
            try await bench.accept(fingerprint: 2)
            let conflicts = try await bench.ask("GET", "/v1/events?conflicts=1").json?["events"]
            let id = try #require(conflicts?[0]?["id"]?.string)
            #expect(conflicts?.array?.count == 1)
            let released = try await bench.ask("POST", "/v1/events/\(id)/release")
            #expect(released.status == 200)
            #expect(released.json?["runs"]?.array?.count == 1)
            #expect(try await bench.ask("POST", "/v1/events/\(id)/release").status == 409)
        }
    }

    @Test func `a finished run is replayed as a new one`() async throws {
        try await ManagementBench.with { bench async throws in
            let (_, run) = try await bench.accept()
            let refused = try await bench.ask("POST", "/v1/runs/\(run)/replay", ["mode": "again"])
            #expect(refused.status == 409, "\(refused.text)")
            let wrong = try await bench.ask("POST", "/v1/runs/\(run)/replay", ["mode": "often"])
            #expect(wrong.status == 400)
        }
    }

    @Test(arguments: [
        ("GET", "/v1/runs/run_00000000000000000000000000", 404), ("GET", "/v1/nothing", 404), ("GET", "/", 404),
        ("GET", "/v1/runs/what", 404), ("DELETE", "/v1/events", 404), ("POST", "/v1/effects/eff_x/resolve", 404),
        ("POST", "/v1/runs/run_x/replay", 404),
        ("POST", "/v1/events/evt_x/release", 404),
    ])
    func `what does not exist is said so`(method: String, path: String, status: Int) async throws {
        try await ManagementBench.with { bench async throws in
            let answer = try await bench.ask(method, path)
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.headers.first("Content-Type") == "application/problem+json")
            #expect(answer.json?["detail"]?.string?.isEmpty == false)
        }
    }

    @Test func `a body that is no JSON is refused`() async throws {
        try await ManagementBench.with { bench async throws in
            let (_, run) = try await bench.accept()
            let answer = try await RawHTTP.exchange(
                bench.socket, RawHTTP.request("POST", "/v1/runs/\(run)/replay", body: Array("{".utf8)))
            #expect(answer?.status == 400)
        }
    }

    @Test func `a reload tells what it did, or every mistake`() async throws {
        try await ManagementBench.with { bench async throws in
            #expect(try await bench.ask("POST", "/v1/reload").json == ["sources": 1])
        }
        let control = ScriptedControl(reloading: .refused(problems: ["grapnel.yaml:3: no", "recipes/a: neither"]))
        try await ManagementBench.with(control: control) { bench async throws in
            let answer = try await bench.ask("POST", "/v1/reload")
            #expect(answer.status == 422)
            #expect(answer.json?["problems"]?.array?.count == 2)
        }
    }
}
