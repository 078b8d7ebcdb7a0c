import GrapnelCore
import GrapnelFormat
import GrapnelRun
import Testing

/// What a program can do, in a real process and in a real sandbox.
@Suite struct ProcessRunTests {
    private func failure(_ outcome: IsolateOutcome) -> AttemptFailure? {
        if case .failed(let failure) = outcome.result { failure } else { nil }
    }

    @Test(arguments: ProcessHandler.Sandbox.allCases)
    func `a program gets the event and returns a value`(sandbox: ProcessHandler.Sandbox) async throws {
        try await ProcessBench.with { bench async throws in
            let event = Sample.event(body: #"{"issue":{"number":57,"title":"ünïcode ✓"}}"#)
            let outcome = try await bench.run(
                "return [event['body']['issue'], event['type'], event['source'], event['raw'], run['attempt']]",
                sandbox: sandbox, event: event)
            #expect(
                outcome.result
                    == .returned([
                        ["number": 57, "title": "ünïcode ✓"], "issues.opened", "github",
                        "eyJpc3N1ZSI6eyJudW1iZXIiOjU3LCJ0aXRsZSI6IsO8bsOvY29kZSDinJMifX0=", 1,
                    ]))
            #expect(outcome.coldStart)
        }
    }

    @Test func `a program may return nothing`() async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.start("hear()\nsay(type='result')\nhear()")
            #expect(outcome.result == .returned(JSON?.none))
        }
    }

    @Test func `calls are numbered in program order and get their answers`() async throws {
        try await ProcessBench.with { bench async throws in
            let host = RecordingHost { operation in
                guard case .call(_, _, let input, let step, let timeout) = operation else { return .text(nil) }
                return .value(["step": .string(step), "input": input, "timeout": .bool(timeout == .milliseconds(1500))])
            }
            let outcome = try await bench.run(
                """
                one = ask(1, type="call", connection="crm", operation="getContact", input={"id": "1"})
                two = ask(2, type="call", connection="crm", operation="getContact", key="second", timeout=1500)
                three = ask(3, type="call", connection="crm", operation="getContact", input={})
                return [one, two["value"]["step"], two["value"]["timeout"], three["value"]["step"]]
                """, host: host)
            #expect(
                outcome.result
                    == .returned([
                        [
                            "type": "answer", "id": 1,
                            "value": ["step": "crm.getContact#1", "input": ["id": "1"], "timeout": false],
                        ],
                        "second", true, "crm.getContact#2",
                    ]))
        }
    }

    @Test func `a failed call is told with all that is known`() async throws {
        try await ProcessBench.with { bench async throws in
            let host = RecordingHost { _ in
                .failure(
                    CallFailure(
                        code: "http_429", message: "too many", status: 429, isRetryable: true, outcome: .definite,
                        retryAfter: .seconds(2)))
            }
            let outcome = try await bench.run(
                "return ask(1, type='call', connection='crm', operation='getContact')['error']", host: host)
            #expect(
                outcome.result
                    == .returned([
                        "message": "too many", "code": "http_429", "retryable": true, "outcome": "definite",
                        "status": 429, "retryAfter": 2000,
                    ]))
        }
    }

    @Test func `a store and a fetch are asked as an isolate asks them`() async throws {
        try await ProcessBench.with { bench async throws in
            let host = RecordingHost { operation in
                if case .fetch = operation {
                    .reply(HTTPReply(status: 201, headers: HeaderFields([("x", "y")]), body: Array("hi".utf8)))
                } else {
                    .value(["version": 4])
                }
            }
            let outcome = try await bench.run(
                """
                ask(1, type="kv", op="set", key="k", value={"a": 1}, ttl=60000, ifVersion=3)
                ask(2, type="kv", op="increment", key="n", by=2, now=True)
                return ask(3, type="fetch", method="POST", url="https://a.example/", headers=[["a", "b"]], body="yes")
                """, host: host)
            #expect(
                outcome.result
                    == .returned([
                        "type": "answer", "id": 3,
                        "reply": ["status": 201, "headers": [["x", "y"]], "base64": "aGk="],
                    ]))
            #expect(
                host.operations == [
                    .keyValue(.set(key: "k", value: ["a": 1], ttl: .seconds(60), ifVersion: 3, now: false)),
                    .keyValue(.increment(key: "n", by: 2, now: true)),
                    .fetch(
                        method: "POST", url: "https://a.example/", headers: HeaderFields([("a", "b")]),
                        body: Array("yes".utf8), step: "fetch#1", timeout: nil),
                ])
        }
    }

    @Test func `outputs, events and log lines arrive in order`() async throws {
        try await ProcessBench.with { bench async throws in
            let host = RecordingHost()
            _ = try await bench.run(
                """
                say(type="send", connection="slack", operation="postMessage", input={"text": "one"})
                say(type="log", level="warn", message="told", fields={"n": 1})
                say(type="send", connection="slack", operation="postMessage", input={}, delay=60000, key="k")
                say(type="emit", event="order.created", data={"id": 7})
                """, host: host)
            #expect(
                host.outputs == [
                    .send(
                        OutputRequest(
                            connection: "slack", operation: "postMessage", input: ["text": "one"],
                            step: "slack.postMessage#1", delay: .zero)),
                    .send(
                        OutputRequest(
                            connection: "slack", operation: "postMessage", input: [:], step: "k", delay: .seconds(60))),
                    .emit(EventEmission(type: "order.created", data: ["id": 7], step: "emit#1")),
                ])
            #expect(host.log.map(\.message) == ["told"])
            #expect(host.log.first?.level == .warn)
            #expect(host.log.first?.fields == ["n": 1])
        }
    }

    @Test func `a reply has a status, headers and a body`() async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.start(
                "hear()\nsay(type='reply', status=201, headers=[['content-type', 'text/xml']], body='<ok/>')\nhear()")
            guard case .replied(let reply) = outcome.result else { throw HostedError("\(outcome.result)") }
            #expect(reply.status == 201)
            #expect(reply.headers.first("Content-Type") == "text/xml")
            #expect(reply.body == Array("<ok/>".utf8))
        }
    }

    @Test func `what it writes to its errors is its log`() async throws {
        try await ProcessBench.with { bench async throws in
            let host = RecordingHost()
            _ = try await bench.run(
                "print('one\\ntwo', file=sys.stderr)\nprint('x' * 20000, file=sys.stderr)\nreturn 1", host: host)
            #expect(host.log.map(\.message).prefix(2) == ["one", "two"])
            #expect(host.log.dropFirst(2).allSatisfy { $0.message.utf8.count <= 8 << 10 })
        }
    }

    @Test func `a failure is told with its words`() async throws {
        try await ProcessBench.with { bench async throws in
            let threw = try await bench.start(
                "hear()\nsay(type='failed', name='KeyError', message='id', stack='handler.py:3')\nhear()")
            #expect(failure(threw) == AttemptFailure(.threw, "KeyError: id", stack: "handler.py:3"))
            let discarded = try await bench.start("hear()\nsay(type='failed', kind='discard', message='no')\nhear()")
            #expect(failure(discarded) == AttemptFailure(.discarded, "no", isRetryable: false))
            let later = try await bench.start(
                "hear()\nsay(type='failed', kind='retry', message='later', delay=600000)\nhear()")
            #expect(failure(later)?.retryAfter == .seconds(600))
        }
    }

    @Test func `a program that is started for one run answers by its status and its output`() async throws {
        try await ProcessBench.with(result: .bytes(8)) { bench async throws in
            let good = try await bench.start(
                "event = json.load(sys.stdin)\nprint(event['body']['n'])", mode: .once,
                event: Sample.event(body: #"{"n":12}"#))
            #expect(good.result == .returned("12"))
            let silent = try await bench.start("sys.stdin.read()", mode: .once)
            #expect(silent.result == .returned(JSON?.none))
            let host = RecordingHost()
            let long = try await bench.start("print('0123456789')", mode: .once, host: host)
            #expect(long.result == .returned("01234567"))
            #expect(host.log.map(\.level) == [.warn])
            let bad = try await bench.start("print('no such branch', file=sys.stderr)\nsys.exit(3)", mode: .once)
            #expect(failure(bad)?.kind == .exit)
            #expect(failure(bad)?.message == "the handler ended with status 3: no such branch")
            #expect(bench.pool.count <= 4)
        }
    }

    @Test func `an event larger than a pipe is read and answered whole`() async throws {
        try await ProcessBench.with { bench async throws in
            let text = String(repeating: "0123456789", count: 200_000)
            let outcome = try await bench.run(
                "print('x' * 100000, file=sys.stderr)\nreturn event['body']['text']",
                event: Sample.event(body: #"{"text":"\#(text)"}"#),
                limits: RunLimits(cpu: .seconds(20), output: .mebibytes(8)))
            #expect(outcome.result == .returned(.string(text)))
        }
    }
}
