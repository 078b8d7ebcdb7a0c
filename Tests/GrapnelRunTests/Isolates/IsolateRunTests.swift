import GrapnelCore
import GrapnelRun
import Testing

/// What a handler can do, in a real isolate.
@Suite struct IsolateRunTests {
    @Test func `a handler gets the event and returns a value`() async throws {
        try await IsolateBench.with { bench async throws in
            let event = Sample.event(body: #"{"issue":{"number":57,"title":"ünïcode ✓"}}"#)
            let outcome = await bench.run(
                "return { number: event.body.issue.number, title: event.body.issue.title, type: event.type }",
                event: event)
            #expect(
                outcome.result
                    == .returned(["number": 57, "title": "ünïcode ✓", "type": "issues.opened"]))
            #expect(outcome.coldStart)
        }
    }

    @Test func `a response becomes a reply`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(
                "return new Response('<ok/>', { status: 201, headers: { 'content-type': 'text/xml' } })")
            guard case .replied(let reply) = outcome.result else { throw HostedError("\(outcome.result)") }
            #expect(reply.status == 201)
            #expect(reply.headers.first("Content-Type") == "text/xml")
            #expect(reply.body == Array("<ok/>".utf8))
        }
    }

    @Test func `a throw fails the run with its message and its line`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run("const all = {}\nreturn all.missing.member")
            guard case .failed(let failure) = outcome.result else { throw HostedError("\(outcome.result)") }
            #expect(failure.kind == .threw)
            #expect(failure.message.hasPrefix("TypeError: "))
            #expect(failure.stack?.contains("handler.js:3") == true, "\(failure.stack ?? "")")
        }
    }

    @Test func `code that cannot be read fails the run and names what is wrong`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run("return 1", before: "const const = 1;\n")
            guard case .failed(let failure) = outcome.result else { throw HostedError("\(outcome.result)") }
            #expect(failure.message.contains("SyntaxError"), "\(failure)")
            #expect(try await bench.value("return 2", version: Sample.otherVersion) == 2)
        }
    }

    @Test func `discard and retry are said with their own words`() async throws {
        try await IsolateBench.with { bench async throws in
            let discarded = await bench.run("throw new Discard('not for us')")
            #expect(
                discarded.result
                    == .failed(AttemptFailure(.discarded, "not for us", stack: stack(discarded), isRetryable: false)))
            let later = await bench.run("throw new RetryAfter('10m')")
            guard case .failed(let failure) = later.result else { throw HostedError("\(later.result)") }
            #expect(failure.kind == .retryAfter)
            #expect(failure.retryAfter == .seconds(600))
        }
    }

    private func stack(_ outcome: IsolateOutcome) -> String? {
        if case .failed(let failure) = outcome.result { failure.stack } else { nil }
    }

    @Test func `calls are numbered in program order and get their answers`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost { operation in
                guard case .call(_, _, let input, let step, _) = operation else { return .text(nil) }
                return .value(["step": .string(step), "input": input])
            }
            let outcome = await bench.run(
                """
                const [a, b] = await Promise.all([
                  call.crm.getContact({ id: '1' }), call.crm.getContact({ id: '2' }, { key: 'second' })])
                const c = await call.crm.getContact({ id: '3' })
                return [a.step, b.step, c.step, c.input.id]
                """, host: host)
            #expect(
                outcome.result == .returned(["crm.getContact#1", "second", "crm.getContact#2", "3"]))
            #expect(host.operations.count == 3)
        }
    }

    @Test func `a failed call throws an error that the handler can read`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost { _ in
                .failure(
                    CallFailure(
                        code: "http_404", message: "no such contact", status: 404, isRetryable: false,
                        outcome: .definite))
            }
            let outcome = await bench.run(
                """
                try { await call.crm.getContact({ id: '1' }) } catch (error) {
                  return [error.name, error.status, error.code, error.retryable, error.message]
                }
                """, host: host)
            #expect(
                outcome.result == .returned(["CallError", 404, "http_404", false, "no such contact"]))
        }
    }

    @Test func `outputs, events and log lines arrive in order`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = await bench.run(
                """
                send.slack.postMessage({ text: 'one' })
                log.info('told', { n: 1 })
                send.slack.postMessage({ text: 'two' }, { delay: '1m' })
                emit('order.created', { id: 7 })
                console.warn('careful')
                return env.CHANNEL
                """, host: host)
            #expect(outcome.result == .returned("#triage"))
            guard case .send(let second)? = host.outputs.dropFirst().first else { throw HostedError("\(host.outputs)") }
            #expect(second.step == "slack.postMessage#2")
            #expect(second.delay == .seconds(60))
            #expect(host.outputs.last == .emit(EventEmission(type: "order.created", data: ["id": 7], step: "emit#1")))
            #expect(host.log.map(\.message) == ["told", "careful"])
            #expect(host.log.map(\.level.rawValue) == ["info", "warn"])
            #expect(host.log.first?.fields == ["n": 1])
        }
    }

    @Test func `an event has a key, a delay or a time`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = await bench.run(
                """
                emit('a', {}, { key: 'mine', delay: '2m' })
                emit('b', {}, { at: new Date(Date.UTC(2026, 0, 5, 9)) })
                emit('c', {}, { at: '2026-01-05T09:00:00Z' })
                try { emit('d', {}, { at: 'soon' }) } catch (error) { return error.message }
                """, host: host)
            guard case .returned(let message) = outcome.result else { throw HostedError("\(outcome.result)") }
            #expect(message?.string?.hasPrefix("soon is no time") == true)
            let at = Timestamp(rfc3339: "2026-01-05T09:00:00Z")
            #expect(
                host.outputs == [
                    .emit(EventEmission(type: "a", data: [:], step: "mine", delay: .seconds(120))),
                    .emit(EventEmission(type: "b", data: [:], step: "emit#1", at: at)),
                    .emit(EventEmission(type: "c", data: [:], step: "emit#2", at: at)),
                ])
        }
    }

    @Test func `a connection that the manifest does not use has no function`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run("await call.github.addLabels({})")
            guard case .failed(let failure) = outcome.result else { throw HostedError("\(outcome.result)") }
            #expect(failure.message.contains("the connection github is not in the manifest"))
            let other = await bench.run("send.slack.incomingWebhook({})")
            guard case .failed(let failure) = other.result else { throw HostedError("\(other.result)") }
            #expect(failure.message.contains("incomingWebhook"))
        }
    }

    @Test func `a run that waits for what never comes is told so`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run("await new Promise(() => {})")
            guard case .failed(let failure) = outcome.result else { throw HostedError("\(outcome.result)") }
            #expect(failure.kind == .threw)
        }
    }

    @Test func `an answer that ends the run ends it`() async throws {
        try await IsolateBench.with { bench async throws in
            let parked = AttemptFailure(.callUnknown, "nobody knows", isRetryable: false)
            let host = RecordingHost { _ in IsolateAnswer.endRun(parked) }
            let outcome = await bench.run(
                "try { await call.crm.getContact({}) } catch { return 'went on' }", host: host)
            #expect(outcome.result == .failed(parked))
        }
    }
}
