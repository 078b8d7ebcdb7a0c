import GrapnelCore
import GrapnelRun
import Testing

/// Events, signals and errors of the Web platform.
@Suite struct WebEventsTests {
    private func value(_ handler: String) async throws -> JSON? {
        var value: JSON?
        try await IsolateBench.with { bench async throws in value = try await bench.value(handler) }
        return value
    }

    @Test func `listeners are called in order, once where they said so, and can stop the rest`() async throws {
        let calls = try await value(
            """
            const target = new EventTarget(), calls = []
            target.addEventListener('ping', () => calls.push('a'), { once: true })
            target.addEventListener('ping', { handleEvent(event) { calls.push(event.type); event.preventDefault() } })
            const last = () => calls.push('never')
            target.addEventListener('ping', (event) => event.stopImmediatePropagation())
            target.addEventListener('ping', last)
            const taken = target.dispatchEvent(new CustomEvent('ping', { cancelable: true, detail: 7 }))
            target.dispatchEvent(new Event('ping'))
            return [...calls, taken]
            """)
        #expect(calls == ["a", "ping", "ping", false])
    }

    @Test func `an exception of a listener fails the run as one of a timer does`() async throws {
        try await IsolateBench.with { bench async throws in
            for handler in [
                "const target = new EventTarget(); target.addEventListener('x', () => { throw new Error('lost') });"
                    + "target.dispatchEvent(new Event('x')); await 0; return 'went on'",
                "queueMicrotask(() => { throw new Error('lost') }); await new Promise((done) => setTimeout(done))",
                "setTimeout(() => { throw new Error('lost') }); await new Promise(() => {})",
            ] {
                let outcome = await bench.run(handler)
                guard case .failed(let failure) = outcome.result else { throw HostedError("\(outcome.result)") }
                #expect(failure.message.contains("lost"))
            }
        }
    }

    @Test func `a signal is aborted by hand, by time and by another`() async throws {
        let result = try await value(
            """
            const controller = new AbortController()
            const both = AbortSignal.any([controller.signal, AbortSignal.timeout(60000)])
            const heard = []
            both.addEventListener('abort', (event) => heard.push(event.type, event.target === both))
            both.onabort = () => heard.push('attribute')
            controller.abort('enough')
            const soon = AbortSignal.timeout(1)
            await new Promise((done) => { soon.onabort = done })
            let thrown
            try { soon.throwIfAborted() } catch (error) { thrown = [error.name, error.code] }
            return [...heard, both.reason, ...thrown, AbortSignal.abort().reason.name]
            """)
        #expect(result == ["abort", true, "attribute", "enough", "TimeoutError", 23, "AbortError"])
    }

    @Test func `a fetch that is aborted is given up`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(
                """
                const controller = new AbortController()
                const waiting = fetch('https://example.com/', { signal: controller.signal })
                controller.abort()
                try { await waiting } catch (error) { return [error.name, error instanceof DOMException, error.code] }
                """)
            #expect(outcome.result == .returned(["AbortError", true, 20]))
        }
    }

    @Test func `an error of the platform has its name, its number and a stack`() async throws {
        let result = try await value(
            """
            const error = new DOMException('no', 'DataCloneError')
            return [error.name, error.code, error.message, DOMException.DATA_CLONE_ERR, error instanceof Error,
              error.stack.includes('handler.js'), new DOMException().name, new DOMException('x', 'Own').code]
            """)
        #expect(result == ["DataCloneError", 25, "no", 25, true, true, "Error", 0])
    }
}
