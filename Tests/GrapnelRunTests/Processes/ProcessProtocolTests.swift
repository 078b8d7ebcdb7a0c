import GrapnelCore
import GrapnelRun
import Testing

/// Every byte of a program is hostile: what breaks the protocol ends the program, and is named on the attempt.
@Suite struct ProcessProtocolTests {
    private func failure(_ outcome: IsolateOutcome) -> AttemptFailure? {
        if case .failed(let failure) = outcome.result { failure } else { nil }
    }

    @Test(arguments: [
        "print('garbage')", "print('')", "print('[1]')", "print('{}')", "print('\\x00')", "say(type='ready')",
        // An answer is the hub's to give, to a call that was made.
        "say(type='answer', id=1, value=1)",
        "say(type='call', connection='c', operation='o')", "say(type='call', id=-1, connection='c', operation='o')",
        "say(type='call', id='1', connection='c', operation='o')", "say(type='kv', id=1, op='drop', key='k')",
        "say(type='emit', data=1)", "say(type='log', level='loud', message='m')", "say(type='failed')",
        "say(type='reply', status=99)", "say(type='fetch', id=1, method='GET')",
        "say(type='fetch', id=1, method='GET', url='https://a', base64='*')",
        "say(type='reply', status=200, headers=[['a', 'b\\r\\nset-cookie: c']])",
        "sys.stdout.buffer.write(b'\\xff\\xfe\\n')", "print('[' * 100000)",
    ])
    func `a line that is no message ends the program`(line: String) async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.start("hear()\n\(line)\nsys.stdout.flush()\nhear()")
            #expect(failure(outcome)?.kind == .protocol, "\(outcome.result)")
        }
    }

    @Test func `a line that is too long ends the program before it is kept`() async throws {
        try await ProcessBench.with(line: .kibibytes(64)) { bench async throws in
            let outcome = try await bench.start("hear()\nwhile True: sys.stdout.write('x' * 4096)")
            #expect(failure(outcome)?.kind == .protocol)
            #expect(failure(outcome)?.message.contains("65536 bytes") == true)
        }
    }

    @Test func `an id stands for one question at a time`() async throws {
        try await ProcessBench.with { bench async throws in
            let host = RecordingHost { _ in
                // Until the run is called off by its protocol.
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                return .text(nil)
            }
            let outcome = try await bench.start(
                "hear()\nfor _ in range(2): say(type='call', id=1, connection='c', operation='o')\nhear()", host: host)
            #expect(failure(outcome)?.message.contains("twice under the id 1") == true)
        }
    }

    @Test func `only so many answers are awaited at a time`() async throws {
        try await ProcessBench.with(pending: 3) { bench async throws in
            let host = RecordingHost { _ in
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                return .text(nil)
            }
            let outcome = try await bench.start(
                "hear()\nfor n in range(4): say(type='kv', id=n, op='get', key='k')\nhear()", host: host)
            #expect(failure(outcome)?.kind == .protocol)
        }
    }

    @Test func `what comes after the end of a run ends the program, and the result stands`() async throws {
        try await ProcessBench.with { bench async throws in
            let source = """
                hear()
                sys.stdout.write('{"type":"result","value":1}\\n{"type":"send","connection":"c","operation":"o"}\\n')
                sys.stdout.flush()
                hear()
                say(type="result", value=2)
                """
            let host = RecordingHost()
            #expect(try await bench.start(source, host: host).result == .returned(1))
            #expect(host.outputs.isEmpty)
            let again = try await bench.start(source, host: host)
            #expect(again.coldStart)
            #expect(again.result == .returned(1))
        }
    }

    @Test func `one call or output too many fails the run`() async throws {
        try await ProcessBench.with { bench async throws in
            let calls = try await bench.run(
                "for n in range(4): ask(n, type='call', connection='c', operation='o')", limits: RunLimits(calls: 3))
            #expect(failure(calls)?.message.contains("more than 3 calls") == true)
            #expect(failure(calls)?.isRetryable == false)
            #expect(failure(calls)?.kind == .limit)
            let host = RecordingHost()
            let outputs = try await bench.run(
                "for n in range(4): say(type='send', connection='c', operation='o')\nreturn 1",
                limits: RunLimits(outputs: 3), host: host)
            #expect(failure(outputs)?.message.contains("more than 3 outputs") == true)
            #expect(host.outputs.count == 3)
        }
    }

    @Test func `a line, an event or a second that holds too much fails the run`() async throws {
        try await ProcessBench.with { bench async throws in
            let large = try await bench.run("return 'x' * 2000", limits: RunLimits(output: .kibibytes(1)))
            #expect(failure(large)?.kind == .limit)
            #expect(failure(large)?.message.contains("limits.output") == true)
            let event = Sample.event(body: "\"\(String(repeating: "x", count: 2000))\"")
            let unread = try await bench.run("return 1", event: event, limits: RunLimits(event: .kibibytes(1)))
            #expect(failure(unread)?.message.contains("limits.event") == true)
            let flood = try await bench.run(
                "for n in range(100000): say(type='log', level='info', message='m')",
                limits: RunLimits(cpu: .seconds(20), messages: 100))
            #expect(failure(flood)?.message.contains("limits.messages") == true, "\(flood.result)")
        }
    }

    @Test func `calls beyond those that may be under way wait for their turn`() async throws {
        try await ProcessBench.with { bench async throws in
            let gauge = Gauge()
            let host = RecordingHost { _ in
                gauge.enter()
                await Task.yield()
                gauge.leave()
                return .value(1)
            }
            let outcome = try await bench.run(
                """
                for n in range(20): say(type="call", id=n, connection="c", operation="o")
                return sorted(hear()["id"] for n in range(20))
                """, limits: RunLimits(concurrency: 2), host: host)
            #expect(outcome.result == .returned(.array((0..<20).map { .integer($0) })))
            #expect(gauge.most <= 2)
        }
    }

    @Test func `a flood of log lines is cut and counted`() async throws {
        try await ProcessBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = try await bench.run(
                """
                for n in range(500):
                    say(type="log", level="info", message="x" * 100)
                    print("y" * 100, file=sys.stderr)
                """, limits: RunLimits(log: .kibibytes(8)), host: host)
            #expect(outcome.result == .returned(.null))
            #expect(outcome.droppedLogLines + host.log.count == 1000)
            #expect(host.log.reduce(0) { $0 + $1.message.utf8.count } <= 8 << 10)
        }
    }

    @Test func `an answer that ends the run ends the program`() async throws {
        try await ProcessBench.with { bench async throws in
            let parked = AttemptFailure(.callUnknown, "nobody knows", isRetryable: false)
            let host = RecordingHost { _ in IsolateAnswer.endRun(parked) }
            let outcome = try await bench.run(
                "ask(1, type='call', connection='c', operation='o')\nreturn 'went on'", host: host)
            #expect(failure(outcome) == parked)
        }
    }
}
