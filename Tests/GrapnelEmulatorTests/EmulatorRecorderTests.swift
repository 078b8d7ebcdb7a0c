import GrapnelCore
import GrapnelEmulator
import TestSupport
import Testing

@Suite struct EmulatorRecorderTests {
    @Test func `the last requests are kept and all are counted`() {
        let recorder = EmulatorRecorder(
            clock: ManualClock(), limits: EmulatorRecorder.Limits(requests: 3, effectKeys: 2, page: 2))
        for number in 1...5 { recorder.record(request(effect: "e\(number % 3)")) }
        #expect(recorder.requests(after: 0).map(\.sequence) == [3, 4])
        #expect(recorder.requests(after: 4).map(\.sequence) == [5])
        #expect(recorder.requests(after: 5).isEmpty)
        #expect(recorder.totals.received == 5)
        #expect(recorder.totals.uncountedKeys == 1)
        #expect(recorder.effects["e1"]?.received == 2)
        recorder.removeAll()
        #expect(recorder.totals == RecordedTotals())
        recorder.record(request(effect: nil))
        #expect(recorder.requests(after: 0).map(\.sequence) == [1])
    }

    @Test func `a key that was applied twice is seen`() {
        let recorder = EmulatorRecorder(clock: ManualClock())
        recorder.record(request(effect: "a"))
        recorder.record(request(effect: "a", isApplied: false))
        #expect(recorder.totals.repeatedKeys == 0)
        recorder.record(request(effect: "a"))
        #expect(recorder.totals.repeatedKeys == 1)
        #expect(recorder.effects["a"]?.received == 3 && recorder.effects["a"]?.applied == 2)
    }

    @Test func `the oldest bodies go when there are too many bytes`() {
        let recorder = EmulatorRecorder(
            clock: ManualClock(), limits: EmulatorRecorder.Limits(requests: 4, bodies: .bytes(250)))
        for _ in 1...9 { recorder.record(request(effect: nil, body: 100)) }
        #expect(recorder.requests(after: 0).map(\.body.count) == [0, 0, 100, 100])
    }

    @Test func `who waits is woken by the next request`() async {
        let recorder = EmulatorRecorder(clock: ManualClock())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.wait(after: 0, atMost: .seconds(60)) }
            recorder.record(request(effect: nil))
            await group.waitForAll()
        }
        #expect(recorder.totals.received == 1)
    }

    @Test func `who waits in vain is told so`() async throws {
        let clock = ManualClock()
        let recorder = EmulatorRecorder(clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.wait(after: 0, atMost: .seconds(60)) }
            try await Patience.until { clock.sleeperCount > 0 }
            clock.advance(by: .seconds(60))
            try await group.waitForAll()
        }
        #expect(recorder.totals.received == 0)
    }

    @Test func `requests and effects are read over HTTP`() async throws {
        try await Emulated.run { emulated in
            emulated.recorder.record(request(effect: "a"))
            emulated.recorder.record(request(effect: "b"))
            let page = try await emulated.client.send("GET", "/_emulator/requests?after=1")
            #expect(page.json?["requests"]?.array?.count == 1)
            #expect(page.json?["requests"]?[0]?["effect"] == "b")
            #expect(page.json?["last"] == 2)
            async let waiting = emulated.client.send("GET", "/_emulator/requests?after=2&wait=20000")
            emulated.recorder.record(request(effect: "b"))
            #expect(try await waiting.json?["requests"]?[0]?["sequence"] == 3)
            let effects = try await emulated.client.send("GET", "/_emulator/effects")
            #expect(effects.json?["effects"]?["b"]?["applied"] == 2)
            #expect(effects.json?["repeated"] == 1)
            #expect(try await emulated.client.send("DELETE", "/_emulator/requests").status == 204)
            #expect(emulated.recorder.totals.received == 0)
            #expect(try await emulated.client.send("GET", "/_emulator/requests?after=x").status == 400)
            #expect(try await emulated.client.send("GET", "/_emulator/nothing").status == 404)
        }
    }

    private func request(effect: String?, isApplied: Bool = true, body: Int = 0) -> RecordedRequest {
        RecordedRequest(
            sequence: 0, receivedAt: Timestamp(milliseconds: 0), connector: "crm", operation: "charge",
            method: "POST", path: "/charges", query: "", headers: HeaderFields(),
            body: [UInt8](repeating: 0x61, count: body), input: nil, effectKey: effect, status: 200,
            isApplied: isApplied, fault: nil, problem: nil)
    }
}
