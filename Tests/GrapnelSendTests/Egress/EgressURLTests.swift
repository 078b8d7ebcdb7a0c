import GrapnelSend
import Testing

@Suite struct EgressURLTests {
    @Test(arguments: [
        ("https://Example.COM", "https://example.com/"),
        ("https://example.com:443/a?b=c#d", "https://example.com/a?b=c"),
        ("http://example.com.:8080/a/b", "http://example.com:8080/a/b"),
        ("http://[::1]:8080/", "http://[0:0:0:0:0:0:0:1]:8080/"),
        ("http://127.0.0.1?x", "http://127.0.0.1/?x"), ("HTTP://a_b.example/", "http://a_b.example/"),
        ("https://xn--nxasmq6b.example/", "https://xn--nxasmq6b.example/"),
    ])
    func `a plain URL has one form`(text: String, form: String) throws {
        #expect(try EgressURL(text).text == form)
    }

    @Test(arguments: [
        // Other schemes.
        "file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "data:text/plain,x", "unix:/run/x.sock",
        "javascript:alert(1)", "//example.com/", "example.com", "http:example.com", "http:/example.com", "",
        // Two readings of who is asked.
        "http://good@evil.com/", "http://good:pass@evil.com/", "http://evil.com\\@good.com/",
        "http://good.com\\.evil.com/",
        "http://exa mple.com/", "http://example.com/\r\nX: y", "http://example.com/\tx", "http://example.com/\0",
        "http://exämple.com/", "http://①⑦.com/", "http://１２７.0.0.1/", "http://127.0.0.1%00.example.com/",
        "http://exa%6dple.com/", "http:///path", "http://:80/", "http://.example.com/", "http://a..b/",
        // Numbers for addresses.
        "http://0/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
        "http://0x7f.0.0.1/", "http://127.0.0.01/", "http://1.2.3.4.5/", "http://example.0x1/",
        // Ports and IPv6.
        "http://example.com:0/", "http://example.com:65536/", "http://example.com:+80/", "http://example.com:8a/",
        "http://example.com:/", "http://[::1/", "http://[fe80::1%25eth0]/", "http://[127.0.0.1]/", "http://[::1]x/",
        // Dot segments.
        "http://example.com/a/../b", "http://example.com/./b", "http://example.com/a/%2e%2E/b", "http://example.com/..",
    ])
    func `a URL with another scheme or two readings is refused`(text: String) {
        #expect(throws: EgressFailure.self) { try EgressURL(text) }
    }

    @Test func `a refusal does not repeat the URL`() {
        let failure = #expect(throws: EgressFailure.self) { try EgressURL("ftp://example.com/token-123") }
        #expect(failure?.message.contains("token") == false)
    }

    @Test func `a URL over the limit is refused`() {
        #expect(throws: EgressFailure.self) {
            try EgressURL("http://example.com/" + String(repeating: "a", count: 8192))
        }
    }
}
