import GrapnelCore
import GrapnelRun
import Testing

/// What a handler would try in JavaScript to leave its isolate, to reach another run, or to confuse the hub.
@Suite struct HandlerEscapeTests {
    private func failure(_ outcome: IsolateOutcome) -> AttemptFailure? {
        if case .failed(let failure) = outcome.result { failure } else { nil }
    }

    @Test(arguments: [
        "this.constructor.constructor('return process')()", "[].constructor.constructor('return this')()",
        "(function* () {}).constructor('yield 1')()", "(async () => {}).constructor('return 1')()",
        "(async function* () {}).constructor('yield 1')()", "log.info.constructor('return this')()",
        "call.slack.postMessage.constructor('return this')()", "Reflect.construct(Function, ['return this'])()",
        "globalThis.eval('1')", "(0, eval)('1')", "setTimeout('1', 0)",
    ])
    func `1, 2: no constructor makes code from text`(expression: String) async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run("\(expression); await new Promise(done => setTimeout(done, 5)); return 'out'")
            #expect(failure(outcome)?.kind == .threw, "\(outcome.result)")
        }
    }

    @Test func `3: nothing of a system is among the globals`() async throws {
        try await IsolateBench.with { bench async throws in
            let names = try await bench.value(
                """
                const words = ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'Deno', 'Bun',
                  'gc', 'load', 'read', 'print', 'quit', 'run', 'importScripts', 'XMLHttpRequest', 'module', 'exports']
                const suspicious = (name) => words.includes(name) || name.startsWith('__') || /^(\\$vm|jsc|describe|edenGC)/.test(name)
                return Object.getOwnPropertyNames(globalThis).filter(suspicious)
                """)
            #expect(names == .array([]))
        }
    }

    @Test func `4: a handler that poisons the prototypes harms itself alone`() async throws {
        let poison = """
            for (const type of [Object, Array, Function, Promise, Map, String, Error]) {
              for (const name of Object.getOwnPropertyNames(type.prototype)) {
                if (name === 'constructor') continue
                try { type.prototype[name] = () => { throw new Error('poisoned') } } catch {}
              }
            }
            Object.prototype.toJSON = () => 'poisoned'
            JSON.stringify = JSON.parse = () => { throw new Error('poisoned') }
            """
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(poison, limits: RunLimits(wall: .seconds(2)))
            #expect(failure(outcome) != nil || outcome.result == .returned(JSON?.none))
            #expect(
                try await bench.value("return { clean: [1, 2].map(n => n + 1), json: JSON.stringify({}) }")
                    == ["clean": [2, 3], "json": "{}"])
            // A run that nothing may have touched.
            let fresh = await bench.run("return [3, 1, 2].sort().join()", isFresh: true)
            #expect(fresh.result == .returned("1,2,3"))
        }
    }

    @Test func `5: a payload's __proto__ is a key like any other`() async throws {
        var event = Sample.event()
        event.raw = Array(#"{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}"#.utf8)
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(
                """
                return { polluted: {}.admin === true, inherited: event.body.admin === true,
                  own: Object.hasOwn(event.body, '__proto__'), plain: Object.getPrototypeOf(event.body) === Object.prototype }
                """, event: event)
            #expect(outcome.result == .returned(["polluted": false, "inherited": false, "own": true, "plain": true]))
        }
    }

    @Test func `6: arguments are looked at once, and the hub gets text`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = await bench.run(
                """
                let looks = 0
                send.slack.postMessage(new Proxy({ text: 'x' }, { get: (target, name) => { if (name === 'text') looks++; return target[name] } }))
                send.slack.postMessage({ toJSON: () => ({ text: 'json' }) })
                send.slack.postMessage({ get text() { log.info('re-entered'); return 'getter' } })
                send.slack.postMessage({ text: { [Symbol.toPrimitive]: () => 'never' } })
                return looks
                """, host: host)
            #expect(outcome.result == .returned(1))
            let inputs = host.outputs.compactMap { output -> JSON? in
                if case .send(let request) = output { request.input } else { nil }
            }
            #expect(inputs == [["text": "x"], ["text": "json"], ["text": "getter"], ["text": .object(JSONObject())]])
            #expect(host.log.map(\.message) == ["re-entered"])
        }
    }

    @Test(arguments: [
        ("return { then(done) { done('first'); done('second') } }", JSON.string("first")),
        ("return (async function* () { yield 1 })()", JSON.object(JSONObject())),
        ("return { get then() { throw new Error('getter') } }", .null),
    ])
    func `7: what a handler returns is settled once`(handler: String, expected: JSON) async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(handler)
            if expected == .null {
                #expect(failure(outcome)?.message.contains("getter") == true, "\(outcome.result)")
            } else {
                #expect(outcome.result == .returned(expected))
            }
            #expect(try await bench.value("return 'next'") == "next")
        }
    }

    @Test(arguments: [
        "Promise.reject(new Error('unheard')); return 'went on'",
        "setTimeout(() => { throw new Error('late') }, 1); await new Promise(done => setTimeout(done, 5)); return 'went on'",
        "const error = new Error('x'); Object.defineProperty(error, 'stack', { get() { throw 1 } }); throw error",
        "const error = new Error('x'); Object.defineProperty(error, 'message', { get() { throw 1 } }); throw error",
        "throw { toString() { throw 1 }, get name() { throw 2 } }", "throw Symbol('odd')", "throw null", "throw 1n",
        "throw new Proxy({}, { get() { throw 1 }, has() { throw 1 }, getPrototypeOf() { throw 1 } })",
    ])
    func `8: hostile errors are told, and the isolate lives`(handler: String) async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(handler)
            if let failure = failure(outcome) { #expect(failure.kind == .threw, "\(failure)") }
            #expect(try await bench.value("return 'next'") == "next")
        }
    }

    @Test func `9: stacks tell of the handler alone`() async throws {
        try await IsolateBench.with { bench async throws in
            let stack =
                try await bench.value(
                    """
                        const stacks = [new Error('x').stack]
                    try { event.body.nothing.more } catch (error) { stacks.push(error.stack, error.sourceURL) }
                    try { new URL('no') } catch (error) { stacks.push(error.stack) }
                    stacks.push(String(Error.prepareStackTrace), String((function () { return arguments.callee?.caller }).name))
                    return stacks.join('\\n')
                    """)?.string ?? ""
            #expect(!stack.contains("/"), "no path of the machine: \(stack)")
        }
    }

    @Test func `10: host functions stand odd calls`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = await bench.run(
                """
                log.info.apply(null, Array(100_000).fill('x'))
                log.info.call(Object.create(null), 'with another this')
                const { postMessage } = send.slack
                postMessage.call(undefined, { text: 'free' })
                Reflect.apply(postMessage, new Proxy({}, {}), [{ text: 'applied' }])
                setTimeout(() => { log.info('too late'); postMessage({ text: 'too late' }) }, 0)
                return 'done'
                """, host: host)
            #expect(outcome.result == .returned("done"))
            #expect(host.outputs.count == 2)
            #expect(try await bench.value("await new Promise(done => setTimeout(done, 5)); return 'next'") == "next")
            #expect(!host.log.contains { $0.message == "too late" })
        }
    }

    @Test func `11: a fresh isolate knows nothing of the run before`() async throws {
        try await IsolateBench.with { bench async throws in
            let handler = """
                const before = [globalThis.kept, RegExp.$1, Symbol.for('kept') === globalThis.symbol]
                globalThis.kept = 'secret'
                globalThis.symbol = Symbol.for('kept')
                ;/(secret)/.test('a secret')
                return before
                """
            let first = await bench.run(handler, isFresh: true)
            let second = await bench.run(handler, isFresh: true)
            #expect(first.result == .returned([.null, "", false]))
            #expect(second.result == first.result)
        }
    }

    @Test(arguments: [
        "return await import('fs')", "return await import('data:text/javascript,export default 1')",
        "return await import('./handler.js')", "return import.meta.url",
    ])
    func `12: nothing is imported at run time`(handler: String) async throws {
        try await IsolateBench.with { bench async throws in
            let kind = failure(await bench.run(handler))?.kind
            #expect(kind == .threw || kind == .bundle)
            #expect(try await bench.value("return 'next'") == "next")
        }
    }

    @Test func `13: the console writes to the log and nowhere else`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = await bench.run(
                """
                for (const name of ['log', 'info', 'warn', 'error', 'debug']) console[name](name)
                return ['profile', 'profileEnd', 'takeHeapSnapshot', 'screenshot', 'record']
                  .filter(name => typeof console[name] === 'function')
                """, host: host)
            #expect(outcome.result == .returned(.array([])))
            #expect(host.log.map(\.message) == ["log", "info", "warn", "error", "debug"])
        }
    }
}
