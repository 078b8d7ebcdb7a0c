import GrapnelCore
import Testing

/// Text, addresses, clones, and the small things of the Web platform.
@Suite struct WebTextTests {
    private func value(_ handler: String) async throws -> JSON? {
        var value: JSON?
        try await IsolateBench.with { bench async throws in value = try await bench.value(handler) }
        return value
    }

    @Test func `text is decoded piece by piece, and in three encodings`() async throws {
        let result = try await value(
            """
            const bytes = new TextEncoder().encode('a€\\u{1f600}z')
            const decoder = new TextDecoder()
            let text = ''
            for (const byte of bytes) text += decoder.decode(Uint8Array.of(byte), { stream: true })
            text += decoder.decode()
            const failing = (make) => { try { make() } catch (error) { return error.name } }
            return [text, new TextDecoder('utf-16').decode(Uint8Array.of(0xff, 0xfe, 0x3d, 0xd8, 0, 0xde)),
              new TextDecoder('latin1').decode(Uint8Array.of(0x80, 0xe9)), new TextDecoder('latin1').encoding,
              new TextDecoder().decode(Uint8Array.of(0xe2, 0x82, 0x41, 0xff, 0)),
              failing(() => new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(0xc0))),
              failing(() => new TextDecoder('utf-7'))]
            """)
        #expect(
            result == ["a€😀z", "😀", "€é", "windows-1252", "\u{fffd}A\u{fffd}\u{0}", "TypeError", "RangeError"])
    }

    @Test func `base64 goes both ways and refuses what is none`() async throws {
        let result = try await value(
            """
            const name = (make) => { try { return make() } catch (error) { return error.name + error.code } }
            const all = String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index))
            return [btoa('\\xffa'), atob(' /2E= '), atob(btoa(all)) === all, name(() => atob('a')), name(() => atob('ab=')),
              name(() => btoa('€'))]
            """)
        #expect(
            result == [
                "/2E=", "ÿa", true, "InvalidCharacterError5", "InvalidCharacterError5", "InvalidCharacterError5",
            ])
    }

    @Test(arguments: [
        ("http://EXAMPLE.com:80/a/../b?q#f", "http://example.com/b?q#f"),
        ("https://münchen.example/ä?ö=ü", "https://xn--mnchen-3ya.example/%C3%A4?%C3%B6=%C3%BC"),
        ("http://0x7f.1/", "http://127.0.0.1/"), ("http://[::FFFF:1.2.3.4]/", "http://[::ffff:102:304]/"),
        ("file:///C|/x/../..", "file:///C:/"), ("mailto:a@b c", "mailto:a@b c"),
        ("https://u:p@h:8080\\x", "https://u:p@h:8080/x"),
    ])
    func `an address is written in one way`(given: String, written: String) async throws {
        let text = String(decoding: JSONWriter.bytes(.string(given)), as: UTF8.self)
        #expect(try await value("return new URL(\(text)).href") == .string(written))
    }

    @Test func `addresses are refused, resolved and changed`() async throws {
        let result = try await value(
            """
            const url = new URL('../c?x=1&x=2&y=%20', 'https://example.com/a/b')
            url.searchParams.delete('x', '1')
            url.searchParams.append('z', '&+ é')
            url.host = 'other.example:444'
            url.hash = 'top'
            return [url.href, ['http://a b/', 'http://256.256.256.256/', 'nothing', 'http://xn--a/'].map(URL.canParse).join(),
              URL.parse('nothing'), url.searchParams.size, url.origin, JSON.stringify({ url })]
            """)
        let address = "https://other.example:444/c?x=2&y=+&z=%26%2B+%C3%A9#top"
        #expect(
            result == [
                .string(address), "false,false,false,false", .null, 3, "https://other.example:444",
                .string(#"{"url":"\#(address)"}"#),
            ])
    }

    @Test func `a clone is deep, keeps what is shared, and refuses what has none`() async throws {
        let result = try await value(
            """
            const shared = { date: new Date(5) }
            const given = { map: new Map([[shared, new Set([1n])]]), shared, bytes: Uint8Array.of(1, 2).subarray(1), error: new RangeError('far'),
              expression: /a/gi, list: [1, , 3], blob: new Blob(['b'], { type: 'x/y' }) }
            given.self = given
            const copy = structuredClone(given)
            const buffer = new ArrayBuffer(4)
            const moved = structuredClone(buffer, { transfer: [buffer] })
            const name = (value) => { try { structuredClone(value) } catch (error) { return error.name + error.code } }
            return [copy !== given && copy.self === copy, [...copy.map.keys()][0] === copy.shared, copy.shared.date.getTime(), copy.bytes[0],
              copy.error instanceof RangeError && copy.error.message, String(copy.expression), 1 in copy.list, await copy.blob.text(),
              buffer.byteLength, moved.byteLength, name(() => {}), name(Symbol()), name(new Headers()), name(Promise.resolve()), name(new WeakMap())]
            """)
        #expect(
            result == [
                true, true, 5, 2, "far", "/a/gi", false, "b", 0, 4, "DataCloneError25", "DataCloneError25",
                "DataCloneError25", "DataCloneError25", "DataCloneError25",
            ])
    }

    @Test func `random values are refused with the right names`() async throws {
        let result = try await value(
            """
            const name = (make) => { try { make() } catch (error) { return error.name } }
            return [name(() => crypto.getRandomValues(new Float64Array(1))), name(() => crypto.getRandomValues(new Uint8Array(65537))),
              name(() => crypto.getRandomValues([1])), crypto.getRandomValues(new Uint8Array(64)).some((byte) => byte > 0),
              /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()), navigator.userAgent]
            """)
        #expect(
            result == ["TypeMismatchError", "QuotaExceededError", "TypeError", true, true, "Grapnel"])
    }
}
