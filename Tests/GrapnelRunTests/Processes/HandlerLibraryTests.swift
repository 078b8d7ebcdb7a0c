import Glibc
import GrapnelCore
import GrapnelFormat
import GrapnelRun
import TestSupport
import Testing

/// The library for Swift and the file for Python say the same, and the hub hears what was meant.
@Suite struct HandlerLibraryTests {
    /// A language that has a library.
    enum Language: String, CaseIterable {
        case swift, python
    }

    /// The same as `Tests/HandlerProbe`, in Python.
    private static let probe = """
        #!/usr/bin/python3
        from grapnel import Discard, Reply, RetryAfter, serve

        def handle(event, hub):
            act = event.get("body", {}).get("act")
            if act == "ask":
                print("printed")
                contact = hub.call("crm", "getContact", {"text": "1"}, key="k", timeout=2)
                hub.set("a", contact, ttl=60, if_version=3, now=True)
                stored = hub.get("a")
                total = hub.increment("n", by=2)
                gone = hub.delete("a")
                page = hub.fetch("https://a.example/", method="POST", headers=[("a", "b")], body="yes")
                hub.send("slack", "postMessage", contact, key="s", delay=60)
                hub.emit("order.created", contact)
                hub.log("told", level="warn", n="1")
                text = (f"{contact['text']} {stored['version']} {total} {str(gone).lower()} {page.status} "
                        f"{len(page.body)} {hub.run['attempt']}")
                return Reply(201, [("content-type", "text/xml")], text)
            if act == "call":
                hub.call("crm", "getContact")
            if act == "discard":
                raise Discard("not for us")
            if act == "later":
                raise RetryAfter(600, "busy")
            raise ValueError(f"nothing to do for {event['type']}")

        serve(handle)

        """

    private func outcome(
        _ language: Language, _ act: String, in bench: ProcessBench, host: any IsolateHost = RecordingHost()
    ) async throws -> IsolateOutcome {
        let event = Sample.event(body: #"{"act":"\#(act)"}"#)
        let program: ProcessProgram
        if language == .swift {
            let handler = ProcessHandler(command: [try Template("handler-probe")], mode: .warm, sandbox: .none)
            program = ProcessProgram(handler: handler, folder: bench.directory.path)
        } else {
            let folder = bench.directory.file("probe")
            try #require(FileText.write(Self.probe, to: "\(folder)/probe.py"))
            try #require(FileText.write(Checkout.text("recipes/push-summary/grapnel.py"), to: "\(folder)/grapnel.py"))
            chmod("\(folder)/probe.py", 0o755)
            let handler = ProcessHandler(command: [try Template("./probe.py")], mode: .warm)
            program = ProcessProgram(handler: handler, folder: folder)
        }
        return await bench.pool.execute(
            IsolateJob(
                tenant: .default, recipe: language.rawValue, version: Sample.version, source: [],
                run: Identifier(high: 2, low: 1), attempt: 4, event: event, process: program),
            host: host)
    }

    @Test(arguments: Language.allCases) func `everything that can be said is heard`(language: Language) async throws {
        try await ProcessBench.with { bench async throws in
            let host = RecordingHost { operation in
                switch operation {
                case .call: .value(["text": "ünïcode ✓"])
                case .fetch: .reply(HTTPReply(status: 404, headers: HeaderFields(), body: [0, 1, 0xFF]))
                case .keyValue(.get): .value(["value": ["text": "x"], "version": 7])
                case .keyValue(.increment): .value(12)
                case .keyValue(.delete): .value(true)
                case .keyValue: .value(["version": 7])
                }
            }
            let outcome = try await outcome(language, "ask", in: bench, host: host)
            guard case .replied(let reply) = outcome.result else { throw HostedError("\(outcome.result)") }
            #expect(reply.status == 201)
            #expect(reply.headers.first("content-type") == "text/xml")
            #expect(String(decoding: reply.body, as: UTF8.self) == "ünïcode ✓ 7 12 true 404 3 4")
            #expect(
                host.operations == [
                    .call(
                        connection: "crm", operation: "getContact", input: ["text": "1"], step: "k",
                        timeout: .seconds(2)),
                    .keyValue(
                        .set(key: "a", value: ["text": "ünïcode ✓"], ttl: .seconds(60), ifVersion: 3, now: true)),
                    .keyValue(.get(key: "a")), .keyValue(.increment(key: "n", by: 2, now: false)),
                    .keyValue(.delete(key: "a", now: false)),
                    .fetch(
                        method: "POST", url: "https://a.example/", headers: HeaderFields([("a", "b")]),
                        body: Array("yes".utf8), step: "fetch#1", timeout: nil),
                ])
            #expect(
                host.outputs == [
                    .send(
                        OutputRequest(
                            connection: "slack", operation: "postMessage", input: ["text": "ünïcode ✓"], step: "s",
                            delay: .seconds(60))),
                    .emit(EventEmission(type: "order.created", data: ["text": "ünïcode ✓"], step: "emit#1")),
                ])
            let told = host.log.filter { $0.message == "told" }
            #expect(told.map(\.level) == [.warn])
            #expect(told.first?.fields == ["n": "1"])
            // What is printed is the log's, never the protocol's.
            #expect(host.log.contains { $0.message == "printed" })
        }
    }

    @Test(arguments: Language.allCases) func `every kind of failure keeps its words`(language: Language) async throws {
        try await ProcessBench.with { bench async throws in
            func failure(_ act: String) async throws -> AttemptFailure {
                let host = RecordingHost { _ in
                    .failure(
                        CallFailure(
                            code: "timeout", message: "no answer", isRetryable: true, outcome: .unknown,
                            retryAfter: .seconds(3)))
                }
                let outcome = try await outcome(language, act, in: bench, host: host)
                guard case .failed(let failure) = outcome.result else { throw HostedError("\(outcome.result)") }
                return failure
            }
            let threw = try await failure("nothing")
            #expect(threw.kind == .threw)
            #expect(threw.message.hasSuffix("Error: nothing to do for issues.opened"), "\(threw)")
            let discarded = try await failure("discard")
            #expect(discarded.kind == .discarded)
            #expect(discarded.message == "not for us")
            let later = try await failure("later")
            #expect(later.kind == .retryAfter)
            #expect(later.message == "busy")
            #expect(later.retryAfter == .seconds(600))
            let call = try await failure("call")
            #expect(call.kind == .callUnknown)
            #expect(call.message == "CallError: no answer")
            #expect(call.retryAfter == .seconds(3))
        }
    }
}
