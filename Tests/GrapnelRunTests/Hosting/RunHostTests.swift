import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelRun
import TestSupport
import Testing

@Suite struct RunHostTests {
    private func host(
        keys: String = "uses: { slack: [postMessage], crm: [getContact] }", broker: RecordingBroker = RecordingBroker(),
        store: MemoryKeyValues = MemoryKeyValues(), limits: HostLimits = HostLimits()
    ) throws -> RunHost {
        RunHost(
            leased: Sample.run(), recipe: try Sample.recipe(keys: keys), broker: broker, store: store,
            clock: ManualClock(), limits: limits)
    }

    private static func call(
        _ operation: String = "getContact", step: String = "crm.getContact#1", timeout: Duration? = nil
    ) -> IsolateOperation {
        .call(connection: "crm", operation: operation, input: ["id": 1], step: step, timeout: timeout)
    }

    @Test func `a call goes to the broker with its step and version`() async throws {
        let broker = RecordingBroker()
        let host = try host(broker: broker)
        let answer = await host.perform(Self.call(), remaining: .seconds(30))
        #expect(answer == .value(["ok": true]))
        let request = try #require(broker.record.calls.first)
        #expect(request.step == "crm.getContact#1")
        #expect(request.version == Sample.version)
        #expect(request.run.run.id == Sample.run().run.id)
    }

    @Test(arguments: [
        (nil as Duration?, Duration.seconds(30), Duration.seconds(20)),
        (.seconds(3), .seconds(30), .seconds(3)), (.seconds(60), .seconds(30), .seconds(29)),
        (nil, .seconds(5), .seconds(4)),
    ])
    func `a call has its own time and never more than the run`(
        asked: Duration?, remaining: Duration, expected: Duration
    ) async throws {
        let broker = RecordingBroker()
        _ = try await host(broker: broker).perform(Self.call(timeout: asked), remaining: remaining)
        #expect(broker.record.calls.map(\.timeout) == [expected])
    }

    @Test func `a call for which no time is left is not made`() async throws {
        let broker = RecordingBroker()
        let answer = try await host(broker: broker).perform(Self.call(), remaining: .milliseconds(900))
        guard case .failure(let failure) = answer else { return #expect(Bool(false), "\(answer)") }
        #expect(failure.code == "timeout")
        #expect(failure.outcome == .definite)
        #expect(broker.record.calls.isEmpty)
    }

    @Test func `what the manifest does not list cannot be called`() async throws {
        let broker = RecordingBroker()
        let answer = try await host(broker: broker).perform(Self.call("deleteContact"), remaining: .seconds(30))
        guard case .failure(let failure) = answer else { return #expect(Bool(false), "\(answer)") }
        #expect(failure.code == "not_allowed")
        #expect(!failure.isRetryable)
        #expect(failure.message.contains("uses: { crm: [deleteContact] }"))
        #expect(broker.record.calls.isEmpty)
    }

    @Test func `one call too many ends the run`() async throws {
        let host = try host(keys: "uses: { crm: [getContact] }\nlimits: { calls: 2 }")
        for _ in 0..<2 { #expect(await host.perform(Self.call(), remaining: .seconds(30)) == .value(["ok": true])) }
        guard case .endRun(let failure) = await host.perform(Self.call(), remaining: .seconds(30)) else {
            return #expect(Bool(false))
        }
        #expect(failure.kind == .badOutput)
        #expect(host.harvest().refusal == failure)
    }

    @Test func `an input over the limit is refused`() async throws {
        let host = try host(limits: HostLimits(input: .bytes(4)))
        guard case .failure(let failure) = await host.perform(Self.call(), remaining: .seconds(30)) else {
            return #expect(Bool(false))
        }
        #expect(failure.code == "invalid_input")
    }

    @Test func `the ledger can end a run`() async throws {
        let failure = AttemptFailure(.callUnknown, "nobody knows")
        let broker = RecordingBroker { _ in .endRun(.park(.unknownEffect), failure) }
        let host = try host(broker: broker)
        #expect(await host.perform(Self.call(), remaining: .seconds(30)) == .endRun(failure))
        #expect(host.harvest().ending == RunEnding(.park(.unknownEffect), failure, connection: "crm"))
    }

    @Test func `a lost lease ends a run that writes nothing`() async throws {
        let host = try host(broker: RecordingBroker { _ in .fenced })
        guard case .endRun = await host.perform(Self.call(), remaining: .seconds(30)) else {
            return #expect(Bool(false))
        }
        #expect(host.harvest().isFenced)
    }

    @Test func `a failure of the vendor reaches the handler`() async throws {
        let failure = CallFailure(code: "http_404", message: "no", status: 404, isRetryable: false, outcome: .definite)
        let host = try host(broker: RecordingBroker { _ in .failure(failure) })
        #expect(await host.perform(Self.call(), remaining: .seconds(30)) == .failure(failure))
        #expect(host.harvest().ending == nil)
    }

    @Test func `outputs are kept in order, and counted`() throws {
        let host = try host(keys: "uses: { slack: [postMessage] }\nlimits: { outputs: 2 }")
        host.send(.send(Sample.output("one")))
        host.send(.send(Sample.output("two")))
        #expect(host.harvest().outputs.map(\.step) == ["one", "two"])
        #expect(host.harvest().refusal == nil)
        host.send(.send(Sample.output("three")))
        #expect(host.harvest().refusal?.message.contains("limits.outputs") == true)
    }

    @Test func `an output that the manifest does not list fails the run`() throws {
        let host = try host(keys: "uses: { slack: [incomingWebhook] }")
        host.send(.send(Sample.output()))
        #expect(host.harvest().refusal?.kind == .badOutput)
        #expect(host.harvest().outputs.isEmpty)
    }

    @Test func `an output waits a bounded time`() throws {
        let host = try host()
        var output = Sample.output()
        output.delay = .seconds(31 * 86_400)
        host.send(.send(output))
        #expect(host.harvest().refusal != nil)
    }

    @Test func `fetch reaches what the manifest lists`() async throws {
        let broker = RecordingBroker()
        let fetch = IsolateOperation.fetch(
            method: "GET", url: "https://api.example.com/", headers: HeaderFields(), body: [], step: "fetch#1",
            timeout: nil)
        guard case .failure(let failure) = try await host(broker: broker).perform(fetch, remaining: .seconds(30)) else {
            return #expect(Bool(false))
        }
        #expect(failure.code == "not_allowed")
        #expect(broker.record.fetches.isEmpty)
        let allowed = try host(keys: "hosts: [api.example.com]", broker: broker)
        #expect(await allowed.perform(fetch, remaining: .seconds(30)) == .reply(HTTPReply(status: 200)))
        #expect(broker.record.fetches.map(\.allowedHosts) == [["api.example.com"]])
    }

    @Test func `the store answers as the handler expects`() async throws {
        let store = MemoryKeyValues([
            KeyValueEntry(key: "seen", value: Array("3".utf8), version: 2, expiresAt: nil)
        ])
        let host = try host(store: store)
        func ask(_ operation: KeyValueOperation) async -> String {
            switch await host.perform(.keyValue(operation), remaining: .seconds(30)) {
            case .text(let text): String(decoding: text ?? [], as: UTF8.self)
            case .failure(let failure): failure.code
            default: "?"
            }
        }
        #expect(await ask(.get(key: "seen")) == #"{"value":3,"version":2}"#)
        #expect(await ask(.get(key: "none")) == "null")
        #expect(await ask(.increment(key: "seen", by: 1, now: false)) == "4")
        #expect(await ask(.set(key: "name", value: ["a": 1], ttl: nil, ifVersion: 0, now: false)) == #"{"version":1}"#)
        #expect(await ask(.set(key: "name", value: 1, ttl: nil, ifVersion: 9, now: false)) == "version_conflict")
        #expect(
            await ask(.list(prefix: ""))
                == #"[{"key":"name","value":{"a":1},"version":1},{"key":"seen","value":4,"version":3}]"#)
        #expect(await ask(.delete(key: "seen", now: false)) == "true")
        #expect(store.value("seen") == "3")
        #expect(host.harvest().keyValues.map(\.key) == ["seen", "name"])
        #expect(await ask(.set(key: "seen", value: 9, ttl: nil, ifVersion: nil, now: true)) == #"{"version":3}"#)
        #expect(store.value("seen") == "9")
        #expect(host.harvest().keyValues.map(\.key) == ["name"])
        #expect(await ask(.delete(key: "seen", now: true)) == "true")
        #expect(await ask(.delete(key: "seen", now: true)) == "false")
    }

    @Test func `an addition at once survives others that write between`() async throws {
        let store = MemoryKeyValues { number in
            number < 3
                ? KeyValueEntry(
                    key: "n", value: Array("\(10 * (number + 1))".utf8), version: Int64(number + 1), expiresAt: nil)
                : nil
        }
        let answer = try await host(store: store).perform(
            .keyValue(.increment(key: "n", by: 1, now: true)), remaining: .seconds(30))
        #expect(answer == .value(31))
        #expect(store.value("n") == "31")
    }
}
