import GrapnelCore
import GrapnelEmulator
import TestSupport
import Testing

/// Stand-ins that were told to misbehave.
@Suite struct FaultTests {
    static let body = #"{"amount":1}"#
    static let headers = [("X-Key", "k"), Emulated.json, ("Grapnel-Effect", "e")]

    @Test func `a fault is asked for, hits as often as asked, and can be taken back`() async throws {
        try await Emulated.run { emulated in
            let asked = try await emulated.client.send(
                "POST", "/_emulator/faults",
                body: #"{"fault":"fail","connector":"crm","operation":"charge","status":503,"count":2}"#)
            #expect(asked.status == 201)
            var statuses: [Int] = []
            for _ in 0..<3 {
                statuses.append(
                    try await emulated.client.send("POST", "/crm/charges", headers: Self.headers, body: Self.body)
                        .status)
            }
            #expect(statuses == [503, 503, 200])
            #expect(emulated.recorder.effects["e"]?.received == 3)
            #expect(emulated.recorder.effects["e"]?.applied == 1)

            emulated.faults.add(FaultRule(.fail))
            let listed = try await emulated.client.send("GET", "/_emulator/faults")
            #expect(listed.json?["faults"]?[0]?["fault"] == "fail")
            #expect(try await emulated.client.send("DELETE", "/_emulator/faults").status == 204)
            let after = try await emulated.client.send("POST", "/crm/charges", headers: Self.headers, body: Self.body)
            #expect(after.status == 200)
        }
    }

    @Test func `a rate limit says when to come again`() async throws {
        try await Emulated.run { emulated in
            emulated.faults.add(FaultRule(.rateLimit, connector: "crm", count: 1, retryAfterSeconds: 7))
            let answer = try await emulated.client.send("POST", "/crm/charges", headers: Self.headers, body: Self.body)
            #expect(answer.status == 429)
            #expect(answer.headers.first("Retry-After") == "7")
        }
    }

    @Test(arguments: [(FaultKind.reset, false), (.acceptThenReset, true)])
    func `a reset breaks the connection without an answer`(_ kind: FaultKind, _ isApplied: Bool) async throws {
        try await Emulated.run { emulated in
            emulated.faults.add(FaultRule(kind, connector: "crm", operation: "charge", count: 1))
            await #expect(throws: LoopbackError.reset) {
                try await emulated.client.send("POST", "/crm/charges", headers: Self.headers, body: Self.body)
            }
            let record = try #require(emulated.recorder.requests(after: 0).first)
            #expect(record.status == nil && record.isApplied == isApplied && record.fault == kind)
        }
    }

    @Test func `a hang is silent until the client gives up`() async throws {
        try await Emulated.run { emulated in
            emulated.faults.add(FaultRule(.hang, connector: "crm", count: 1))
            let connection = try await emulated.client.begin(
                "POST", "/crm/charges", headers: Self.headers, body: Self.body)
            await emulated.recorder.wait(after: 0, atMost: .seconds(20))
            #expect(emulated.recorder.requests(after: 0).first?.fault == .hang)
            #expect(connection.isSilent)
            connection.close()
            let next = try await emulated.client.send("POST", "/crm/charges", headers: Self.headers, body: Self.body)
            #expect(next.status == 200)
        }
    }

    @Test func `stopping ends what hangs`() async throws {
        try await Emulated.run { emulated in
            emulated.faults.add(FaultRule(.hang, connector: "crm"))
            let connection = try await emulated.client.begin(
                "POST", "/crm/charges", headers: Self.headers, body: Self.body)
            await emulated.recorder.wait(after: 0, atMost: .seconds(20))
            #expect(connection.isSilent)
        }
    }

    @Test func `a slow answer is the right one`() async throws {
        try await Emulated.run { emulated in
            emulated.faults.add(FaultRule(.slow, connector: "crm", delay: .milliseconds(1)))
            let answer = try await emulated.client.send("POST", "/crm/charges", headers: Self.headers, body: Self.body)
            #expect(answer.status == 200)
            #expect(emulated.recorder.requests(after: 0).first?.fault == .slow)
        }
    }

    @Test(arguments: [
        (#"{"fault":"explode"}"#, "fault must be one of"), (#"{"fault":"fail","status":99}"#, "status"),
        (#"{"fault":"fail","connector":"nobody"}"#, "connector"), (#"{"fault":"fail","operation":"x"}"#, "operation"),
        (#"{"fault":"fail","count":0}"#, "count"), (#"{"fault":"fail","probability":2}"#, "probability"),
        (#"{"fault":"slow","delay":"soon"}"#, "delay"), (#"{"fault":"fail","times":2}"#, "times"), ("[", "byte"),
    ])
    func `a fault that cannot be is refused with what to write`(_ body: String, _ named: String) async throws {
        try await Emulated.run { emulated in
            let answer = try await emulated.client.send("POST", "/_emulator/faults", body: body)
            #expect(answer.status == 400)
            #expect(answer.body.contains(named), "\(answer.body)")
        }
    }

    @Test func `a share of the requests is hit`() {
        let table = FaultTable(random: SeededRandomSource(seed: 1))
        table.add(FaultRule(.fail, probability: 0.25))
        let hits = (0..<4000).count { _ in table.next(connector: "crm", operation: nil) != nil }
        #expect((900...1100).contains(hits))
    }
}
