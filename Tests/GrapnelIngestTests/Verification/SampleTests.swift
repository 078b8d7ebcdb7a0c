import GrapnelCore
import GrapnelFormat
import TestSupport
import Testing

/// What the samples in `connectors/` become.
@Suite struct SampleTests {
    static let samples: [(provider: String, file: String)] = ShippedProvider.names.flatMap { provider in
        RepositoryText.names(in: "connectors/\(provider)/samples").map { (provider, $0) }
    }

    @Test func `every provider has a sample`() {
        #expect(Set(Self.samples.map(\.provider)) == Set(ShippedProvider.names))
    }

    @Test(arguments: samples)
    func `a sample becomes an event of the type that its name says`(provider: String, file: String) throws {
        let definition = try ShippedProvider.load(provider)
        let text = try #require(RepositoryText.read("connectors/\(provider)/samples/\(file)"))
        let dot = try #require(file.lastIndex(of: "."))
        let type = String(file[..<dot])
        let isJSON = file.hasSuffix(".json")
        let contentType = isJSON ? "application/json" : "application/x-www-form-urlencoded"

        let known = DictionaryScope([
            "type": .json(.string(type)), "uuid": .json("u-1"), "token": .json("0123"), "number": .json(5),
            "now": .json(1_767_603_600_000), "unix": .json(1_767_603_600),
        ])
        var headers = HeaderFields([("Content-Type", contentType)])
        for (name, value) in definition.trigger.headers {
            headers.set(name, try #require(try value.text(in: known, for: .header)))
        }
        for (path, value) in definition.trigger.set {
            _ = try PathExpression(path)
            #expect(try value.value(in: known, for: .json) != nil)
        }
        let request = InboundRequest(
            method: "POST", url: "https://hub.example.com/hooks/a", query: "", headers: headers,
            body: Array(text.utf8), peer: "", receivedAt: Timestamp(milliseconds: 0))
        let body = ParsedBody.parse(raw: request.body, contentType: contentType)
        #expect(body.parseError == nil)
        var scope = RequestScope(request, parsed: body)
        if let each = definition.event.each {
            scope.item = try #require(each.first(in: scope)?[0])
        }
        #expect(try definition.event.type?.text(in: scope, for: .text) == type)
        if provider != "generic-hmac", type != "url_verification" {
            #expect(try definition.event.id?.text(in: scope, for: .text) != nil)
        }
    }
}
