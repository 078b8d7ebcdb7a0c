import GrapnelFormat
import Testing

@Suite struct SignedURLTests {
    @Test(arguments: [
        ("https://a.example/x?y=1", ["https://a.example/x?y=1", "https://a.example:443/x?y=1"]),
        ("https://a.example:443/x", ["https://a.example/x", "https://a.example:443/x"]),
        ("http://a.example?y", ["http://a.example?y", "http://a.example:80?y"]),
        ("http://a.example:8080/", ["http://a.example/", "http://a.example:8080/"]),
        ("https://[::1]/x", ["https://[::1]/x", "https://[::1]:443/x"]),
        ("https://[::1]:8443/x:y", ["https://[::1]/x:y", "https://[::1]:8443/x:y"]),
        ("no url", ["no url"]),
    ])
    func `a URL is written with and without its port`(url: String, expected: [String]) {
        #expect(SignedURL(variants: [.withoutPort, .withPort]).candidates(of: url) == expected)
        #expect(SignedURL().candidates(of: url) == [url])
    }

    @Test func `the escapes that a vendor decodes are decoded`() {
        let url = SignedURL(unescape: ":/?@!$'()*,;")
        #expect(
            url.candidates(of: "https://a.example/%2Fx%20y?b=%3A%26%2a%C3%A9")
                == ["https://a.example//x%20y?b=:%26*%C3%A9"])
    }
}
