import GrapnelCore
import GrapnelRun
import Testing

/// Requests, responses and what their bodies are made of.
@Suite struct WebBodyTests {
    private func value(_ handler: String) async throws -> JSON? {
        var value: JSON?
        try await IsolateBench.with { bench async throws in value = try await bench.value(handler) }
        return value
    }

    @Test func `headers are sorted, joined, and keep cookies apart`() async throws {
        let result = try await value(
            """
            const headers = new Headers([['X-B', '2'], ['x-a', ' 1 '], ['Set-Cookie', 'a=1'], ['x-b', '3'], ['set-cookie', 'b=2']])
            const refused = (make) => { try { make() } catch (error) { return error.name } }
            return [JSON.stringify([...headers]), headers.getSetCookie().join(), headers.get('SET-COOKIE'),
              refused(() => headers.append('x y', '1')), refused(() => headers.set('x', 'a\\nb')),
              refused(() => headers.set('x', '\\u0100')), refused(() => new Headers([['a']])), refused(() => new Headers(null)),
              refused(() => Response.redirect('https://a.example/').headers.set('x', '1'))]
            """)
        #expect(
            result == [
                #"[["set-cookie","a=1"],["set-cookie","b=2"],["x-a","1"],["x-b","2, 3"]]"#, "a=1,b=2", "a=1, b=2",
                "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError",
            ])
    }

    @Test func `a body is read once, and a clone once more`() async throws {
        let result = try await value(
            """
            const response = new Response('{"a":[1]}', { status: 201, statusText: 'Made' })
            const copy = response.clone()
            const first = await response.json()
            const again = await response.text().catch((error) => error.name)
            return [first.a[0], response.bodyUsed, again, copy.bodyUsed, await copy.text(), copy.status, copy.statusText]
            """)
        #expect(result == [1, true, "TypeError", false, #"{"a":[1]}"#, 201, "Made"])
    }

    @Test func `a body can be read as every kind of thing`() async throws {
        let result = try await value(
            """
            const make = () => new Response(Uint8Array.of(0xef, 0xbb, 0xbf, 104, 195, 169, 0, 105), { headers: { 'content-type': 'Text/Plain' } })
            const blob = await make().blob()
            let pieces = 0
            for await (const piece of new Response(new Uint8Array(150000)).body) pieces += piece.length
            return [(await make().arrayBuffer()).byteLength, (await make().bytes()).length, await make().text(), blob.type, blob.size,
              pieces, await new Response().text(), new Response().body]
            """)
        #expect(result == [8, 8, "hé\u{0}i", "text/plain", 8, 150000, "", .null])
    }

    @Test func `a form comes back as it was sent`() async throws {
        let result = try await value(
            #"""
            const form = new FormData()
            form.append('na"me', 'a\nb')
            form.append('file', new File(['\r\n--x\r\n', Uint8Array.of(0, 255)], 'ü"\n.bin', { type: 'application/x-own' }))
            form.append('empty', '')
            form.append('blob', new Blob(['x']))
            form.set('empty', '')
            const request = new Request('https://example.com/', { method: 'POST', body: form })
            const read = await request.formData()
            const file = read.get('file')
            return [[...read.keys()].join('|'), read.get('na"me'), file.name, file.type, [...await file.bytes()].join(),
              read.get('empty'), read.get('blob').name, request.headers.get('content-type').startsWith('multipart/form-data; boundary=')]
            """#)
        #expect(
            result == [
                "na\"me|file|empty|blob", "a\r\nb", "ü\"\n.bin", "application/x-own", "13,10,45,45,120,13,10,0,255", "",
                "blob", true,
            ])
    }

    /// RFC 7578 with what senders do: a preamble, unquoted names, other headers.
    @Test func `forms of others are read, and what is none is refused`() async throws {
        let result = try await value(
            #"""
            const body = 'preamble\r\n--b\r\nContent-Disposition: form-data; name=plain\r\nX-Own: 1\r\n\r\none\r\n' +
              '--b\r\ncontent-disposition: form-data; name="f"; filename="a.txt"\r\n\r\ntwo\r\n--b--\r\nepilogue'
            const form = (text, type) => new Response(text, { headers: { 'content-type': type } }).formData()
              .then((read) => read, (error) => error.name)
            const read = await form(body, 'multipart/form-data; boundary="b"')
            const encoded = await form('a=1+2&a=%C3%A9', 'application/x-www-form-urlencoded')
            return [read.get('plain'), await read.get('f').text(), read.get('f').type, encoded.getAll('a').join(),
              await form(body.slice(0, -20), 'multipart/form-data; boundary=b'), await form('', 'multipart/form-data; boundary=b'),
              await form(body, 'multipart/form-data'), await form('{}', 'application/json')]
            """#)
        #expect(
            result == ["one", "two", "text/plain", "1 2,é", "TypeError", "TypeError", "TypeError", "TypeError"])
    }

    @Test func `requests and responses refuse what the standard refuses`() async throws {
        let result = try await value(
            """
            const name = (make) => { try { make(); return 'nothing' } catch (error) { return error.name } }
            const at = 'https://example.com/'
            return [name(() => new Request('/relative')), name(() => new Request('https://a:b@example.com/')),
              name(() => new Request(at, { method: 'TRACE' })), name(() => new Request(at, { body: 'x' })),
              name(() => new Request(at, { method: 'POST', body: new ReadableStream() })),
              name(() => new Response('x', { status: 204 })), name(() => new Response('', { status: 199 })),
              name(() => new Response('', { statusText: 'a\\nb' })), name(() => Response.redirect(at, 200)),
              name(() => Response.json(undefined)), new Request(at, { method: 'post' }).method,
              new Request(at, { method: 'patch' }).method, Response.error().type, Response.error().status].join()
            """)
        #expect(
            result
                == "TypeError,TypeError,TypeError,TypeError,TypeError,TypeError,RangeError,TypeError,RangeError,TypeError,POST,patch,error,0"
        )
    }

    @Test func `a stream is teed, iterated, cancelled and read to its end`() async throws {
        let result = try await value(
            """
            let count = 0, reason
            const make = () => new ReadableStream({ pull(controller) { controller.enqueue(++count) }, cancel(given) { reason = given } })
            const read = []
            for await (const chunk of make()) { read.push(chunk); if (chunk >= 3) break }
            const [left, right] = ReadableStream.from(['a', 'b']).tee()
            const reader = left.getReader()
            const first = await reader.read()
            const both = []
            for await (const chunk of right) both.push(chunk)
            await make().cancel('enough')
            const failing = new Response(new ReadableStream({ start(controller) { controller.enqueue('text') } }))
            return [read.join(), first.value, both.join(), left.locked, reason, await failing.text().catch((error) => error.name)]
            """)
        #expect(result == ["1,2,3", "a", "a,b", true, "enough", "TypeError"])
    }

    @Test func `a fetch sends what the body gives, and its response can be read`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost { operation in
                guard case .fetch(_, _, _, let body, _, _) = operation else { return .text(nil) }
                return .reply(
                    HTTPReply(
                        status: 200, headers: HeaderFields([("set-cookie", "a=1"), ("set-cookie", "b=2")]), body: body))
            }
            let outcome = await bench.run(
                """
                const body = ReadableStream.from([Uint8Array.of(104), Uint8Array.of(105)])
                const response = await fetch(new Request('https://example.com/p', { method: 'PUT', body, duplex: 'half' }))
                return [await response.text(), response.headers.getSetCookie().length, response.url, response.type]
                """, host: host)
            #expect(outcome.result == .returned(["hi", 2, "https://example.com/p", "basic"]))
        }
    }

    @Test func `a fetch that is not to follow redirects is refused`() async throws {
        try await IsolateBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = await bench.run(
                "return await fetch('https://example.com/', { redirect: 'manual' }).catch((error) => error.name)",
                host: host)
            #expect(outcome.result == .returned("TypeError"))
            #expect(host.operations.isEmpty)
        }
    }

    @Test func `a response whose body is a stream becomes a reply`() async throws {
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.run(
                """
                return new Response(ReadableStream.from(['a', 'b'].map((text) => new TextEncoder().encode(text))), { status: 202 })
                """)
            guard case .replied(let reply) = outcome.result else { throw HostedError("\(outcome.result)") }
            #expect(reply.body == Array("ab".utf8))
            #expect(reply.status == 202)
        }
    }
}
