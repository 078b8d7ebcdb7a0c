import GrapnelCore
import GrapnelFormat
import Testing

/// A file with a mistake is refused with its place and with what to do.
@Suite struct BadFileTests {
    /// A file, and the beginning of what must be among its errors.
    struct BadFile: Sendable, CustomTestStringConvertible {
        var text: String
        var errors: [String]
        var testDescription: String { errors.joined(separator: " · ") }

        init(_ text: String, _ errors: String...) {
            self.text = text
            self.errors = errors
        }
    }

    private func expect(_ file: BadFile, _ decode: (String) throws(FormatErrors) -> Void) {
        do throws(FormatErrors) {
            try decode(file.text)
            Issue.record("it was taken")
        } catch {
            let found = error.errors.map(\.description)
            for wanted in file.errors {
                #expect(
                    found.contains { $0.contains(wanted) }, "\(wanted)\nis not among\n\(found.joined(separator: "\n"))")
            }
        }
    }

    @Test(arguments: [
        BadFile("lisen: 127.0.0.1:1", "f:1:1: unknown key \"lisen\"", "listen"),
        BadFile("listen: nowhere", "f:1:9:"),
        BadFile("listen: 127.0.0.1:99999", "f:1:9:"),
        BadFile("sources: []", "f:1:10: \"sources\" must be a mapping"),
        BadFile("sources:\n  github: { secrets: [A] }", "f:2:11:", "provider"),
        BadFile("sources:\n  grapnel: { provider: github, secrets: [A] }", "f:2:3:", "the hub's own"),
        BadFile("sources:\n  a: { provider: github, secrets: [A], quiet: 5s }", "f:2:47:", "at least 1m"),
        BadFile("limits: { depth: 0 }", "f:1:18:", "1 to 64"),
        BadFile("alerts: { connection: a }", "f:1:9:", "operation"),
        BadFile("alerts: [{ on: [dead_leter], connection: a, operation: b }]", "f:1:16:", "dead_letter"),
        BadFile("alerts: { connection: a, operation: b, input: { t: '{body.x}' } }", "f:1:47:", "notice, event"),
        BadFile("sources:\n  github: { provider: github, secret: A }", "f:2:31: unknown key \"secret\"", "secrets"),
        BadFile("sources:\n  a: { provider: x, secrets: [A], max_body: 1GiB }", "f:2:45:"),
        BadFile("sources:\n  a: { provider: x, secrets: [A], dedupe: soon }", "f:2:43:"),
        BadFile("sources:\n  a b: { provider: none, insecure: true }", "f:2:3:"),
        BadFile("connections:\n  slack: { credentials: {} }", "f:2:10:", "connector"),
        BadFile("connections:\n  slack: { connector: slack, rate: fast }", "f:2:36:"),
        BadFile("connections:\n  slack: { connector: slack, concurrency: 0 }", "f:2:43:"),
        BadFile(
            "connections:\n  a: { connector: b, retry_on: [429, 200] }", "f:2:32: \"200\" is no status of a failure"),
        BadFile(
            "connections:\n  a: { connector: b, retry_on: [\"!5xx\"] }", "\"!5xx\" is no status", "the last that fits"),
        BadFile("connections:\n  a: { connector: b, breaker: 3 }", "f:2:31: \"breaker\" must be true or false"),
        connection("rate: [50/1m, 1/1s]", "f:2:36: \"rate\" has two limits for all"),
        connection("rate: [50/1m, fast]", "f:2:36:"),
        connection("rate: { limit: 1/1s }", "f:2:28:", "needs the key \"key\""),
        connection("rate: { limit: 1/1s, key: body.id }", "there is nothing called \"body\"", "input, operation"),
        connection("concurrency: { limit: 1, key: input.to.* }", "\"key\" must lead to one value"),
        connection("concurrency: [{ limit: 0, key: input.to }]", "\"limit\" must be a whole number from 1 to 1000"),
        connection("order_by: body.id", "there is nothing called \"body\"", "input, operation"),
        connection("expire: 1ms", "at least 1s"),
        connection("delay: 5s", "f:2:22: unknown key \"delay\" in the connection", "recipe.yaml"),
        connection("priority: 5", "unknown key \"priority\" in the connection", "a recipe says it"),
        connection("batch: { size: 5 }", "unknown key \"batch\" in the connection", "a recipe says it"),
        connection("debounce: { quiet: 5s }", "unknown key \"debounce\" in the connection", "a recipe says it"),
        BadFile("trusted_proxies: [10.0.0.0/99]", "f:1:18:"),
        BadFile("limits: { isolates: many }", "f:1:21:"),
        BadFile("listen: a\nlisten: b", "the key \"listen\" is there twice"),
        BadFile("sources: &a { x: 1 }\nconnections: *a", "f:"),
        BadFile("\tlisten: x", "f:1:"),
        BadFile("listen: [", "f:"),
        BadFile("limits: { isolates: 0, memory: -1 }\nretention: { events: x }", "f:1:21:", "f:1:32:", "f:2:22:"),
        BadFile("- a", "f:1:1:"),
    ])
    func `grapnel.yaml`(file: BadFile) {
        expect(file) { text throws(FormatErrors) in _ = try HubConfiguration.decode(yaml: text, file: "f") }
    }

    @Test(arguments: [
        BadFile("", "f:"),
        BadFile("handler: handler.js", "f:1:1:", "\"on\""),
        BadFile("on: { source: a }", "f:1:1:", "\"handler\""),
        BadFile("on: { source: a }\nhandler: ../x.js", "f:2:10:"),
        BadFile("on: { source: a }\nhandler: /x.py", "f:2:10:"),
        BadFile("on: { event: a }\nhandler: x.js", "f:1:7: unknown key \"event\"", "events"),
        BadFile("on: { source: a, events: [a.*b] }\nhandler: x.js", "f:1:26:"),
        BadFile("on: { source: a, where: { body.x: { $like: 1 } } }\nhandler: x.js", "f:1:", "$like"),
        BadFile("on: { source: a, where: { bdy.x: 1 } }\nhandler: x.js", "f:1:", "bdy"),
        BadFile("on: { schedule: \"61 * * * *\" }\nhandler: x.js", "f:1:17: \"schedule\": the minute \"61\""),
        BadFile("on: { source: a }\nhandler: x.js\nuses: { slack: postMessage }", "f:3:16:"),
        BadFile("on: { source: a }\nhandler: x.js\nlimits: { wall: 2h }", "f:3:17:"),
        BadFile("on: { source: a }\nhandler: x.js\nlimits: { memory: lots }", "f:3:19:"),
        BadFile("on: { source: a }\nhandler: x.js\nretries: { attempts: 0 }", "f:3:22:"),
        BadFile("on: { source: a }\nhandler: x.js\nreply: {}", "f:3:8:", "within"),
        flow("order_by: bdy.id", "f:3:11: there is nothing called \"bdy\" here", "did you mean \"body\"?"),
        flow("order_by: body..id", "f:3:11:"),
        flow("order_by: body.items.*.id", "f:3:11: \"order_by\" must lead to one value"),
        flow("order_by: { key: body.id }", "f:3:11: \"order_by\" must be a text"),
        flow("concurrency: 0", "f:3:14: \"concurrency\" must be a whole number from 1 to 1000"),
        flow("concurrency: { limit: 2 }", "f:3:14:", "needs the key \"key\""),
        flow("rate: fast", "f:3:7: \"rate\" must be a number in a time, such as 50/1m"),
        flow("rate: { limit: 1/1m, per: body.id }", "f:3:22: unknown key \"per\""),
        flow("delay: soon", "f:3:8:"),
        flow("expire: 1ms", "f:3:9:", "at least 1s"),
        flow("priority: 101", "f:3:11: \"priority\" must be a whole number from -100 to 100"),
        flow("debounce: { at_most: 5m }", "f:3:11:", "quiet"),
        flow("debounce: { quiet: 10s, at_most: 5s }", "f:3:34:", "at least 10s"),
        flow("batch: { size: 1001, within: 10s }", "f:3:16: \"size\" must be a whole number from 1 to 1000"),
        flow("batch: { size: 10 }", "f:3:8:", "within"),
        flow(
            "order_by: body.id\nconcurrency: { limit: 2, key: body.id }",
            "f:4:14: \"concurrency\" and \"order_by\" cannot stand together"),
        flow(
            "batch: { size: 2, within: 1s }\ndebounce: { quiet: 1s }",
            "f:3:8: \"batch\" and \"debounce\" cannot stand together"),
        flow(
            "batch: { size: 2, within: 1s }\norder_by: body.id", "f:3:8: \"batch\" and \"order_by\"", "key: body.id"),
        flow("batch: { size: 2, within: 1s }\nreply: { within: 4s }", "f:3:8: \"batch\" and \"reply\""),
        flow("debounce: { quiet: 1s }\nreply: { within: 4s }", "f:3:11: \"debounce\" and \"reply\""),
        flow("delay: 1s\nreply: { within: 4s }", "f:3:8: \"delay\" and \"reply\""),
        flow("debounce: { quiet: 1s }\ndelay: 4s", "f:3:11: \"debounce\" and \"delay\""),
        flow("batch: { size: 2, within: 1s }\nrate: 1/1s", "f:3:8: \"batch\" and \"rate\""),
        BadFile(
            "on: { source: a }\nforward: { connection: c, operation: o }\nbatch: { size: 2, within: 1s }",
            "f:3:8: \"batch\" and \"forward\" cannot stand together"),
        flow("expire: 30s\ndelay: 1m", "f:3:9: \"expire\" must be longer"),
        BadFile("on: { source: a }\nhandler: x.js\nforward: {}", "f:2:10: \"handler\" is for a recipe with code"),
        BadFile(
            "on: { source: a }\nhandler: x.js\non_failure: { connection: a, operation: b, input: { t: '{body}' } }",
            "f:3:51:", "recipe, event, error, run"),
        BadFile("on: { source: a }\nforward: {}", "f:2:10: \"forward\" needs the key \"connection\""),
        BadFile("on: { source: a }\nhandler: x.js\nstyle: webtasks", "f:3:8:", "twilio-function, lambda, auth0-rule"),
        BadFile("on: { source: a }\nhandler: [x.js, y.js]", "f:2:10:", "auth0-rule"),
        BadFile("on: { source: a }\nhandler: [x.js, ../y.js]\nstyle: auth0-rule", "f:2:10:", "../y.js"),
        BadFile("on: { source: a }\nhandler: []\nstyle: auth0-rule", "f:2:10:", "names no file"),
    ])
    func `recipe.yaml`(file: BadFile) {
        expect(file) { text throws(FormatErrors) in _ = try RecipeManifest.decode(yaml: text, name: "r", file: "f") }
    }

    private static func connection(_ keys: String, _ errors: String...) -> BadFile {
        var file = BadFile("connections:\n  a: { connector: b, \(keys) }")
        file.errors = errors
        return file
    }

    private static func flow(_ keys: String, _ errors: String...) -> BadFile {
        var file = BadFile("on: { source: a }\nhandler: x.js\n\(keys)")
        file.errors = errors
        return file
    }

    private static let verify =
        "verify: { scheme: s, signature: { header: X }, algorithm: hmac-sha256, signs: \"{raw}\" }"

    @Test(arguments: [
        BadFile("name: N", "f:1:1:", "\"verify\"", "\"event\""),
        BadFile("name: N\n\(verify)\nevent: { kind: x }", "f:3:10: unknown key \"kind\""),
        BadFile(
            "name: N\nverify: { scheme: s, signature: { header: X }, algorithm: rot13, signs: \"{raw}\" }\nevent: {}",
            "f:2:", "rot13"),
        BadFile(
            "name: N\nverify: { scheme: s, signature: { header: X }, algorithm: hmac-sha256, signs: \"{ra\" }\nevent: {}",
            "f:2:"),
        BadFile(
            "name: N\nverify: { scheme: s, signature: { header: X }, algorithm: hmac-sha256, signs: \"{rawr}\" }\nevent: {}",
            "f:2:", "rawr"),
        BadFile(
            "name: N\nverify: { scheme: s, signature: { header: X }, algorithm: hmac-sha256, signs: \"{raw | hx}\" }\nevent: {}",
            "f:2:", "hx"),
        BadFile("name: N\nverify: { scheme: s, algorithm: hmac-sha256 }\nevent: {}", "f:2:", "signature"),
    ])
    func `provider.yaml`(file: BadFile) {
        expect(file) { text throws(FormatErrors) in _ = try ProviderDefinition.decode(yaml: text, id: "p", file: "f") }
    }

    private static func connector(_ operation: String) -> String {
        "name: N\nbase_url: https://a.example.com\noperations:\n  go:\n    \(operation)"
    }

    @Test(arguments: [
        BadFile("name: N", "f:1:1:", "operations"),
        BadFile(connector("summary: s"), "f:5:5:", "effect", "request"),
        BadFile(
            connector(
                "{ summary: s, effect: sometimes, input: {}, request: { method: GET, path: / }, sample: { status: 200 } }"
            ), "f:5:", "sometimes"),
        BadFile(
            connector("{ summary: s, effect: safe, input: {}, request: { path: / }, sample: { status: 200 } }"), "f:5:",
            "method"),
        BadFile(
            connector(
                "{ summary: s, effect: safe, input: {}, request: { method: GET, path: \"/{inptu.x}\" }, sample: { status: 200 } }"
            ), "f:5:", "inptu"),
        BadFile(
            connector(
                "{ summary: s, effect: vendor_key, input: {}, request: { method: POST, path: / }, sample: { status: 200 } }"
            ), "f:4:3:", "idempotency"),
        BadFile(
            connector(
                "{ summary: s, effect: safe, input: { type: objekt }, request: { method: GET, path: / }, sample: { status: 200 } }"
            ), "f:5:", "\"input\": type must be one of"),
    ])
    func `connector.yaml`(file: BadFile) {
        expect(file) { text throws(FormatErrors) in _ = try ConnectorDefinition.decode(yaml: text, id: "c", file: "f") }
    }

    @Test(arguments: [
        BadFile("event: {}", "f:1:1:", "expect"),
        BadFile("event: { sample: a/b }\nexpect: { state: happy }", "f:2:18:"),
        BadFile("event: { sample: a/b }\nexpect: { effects: [{ sent: a.b }] }", "f:2:23: unknown key \"sent\""),
        BadFile("event: { sampel: a/b }\nexpect: {}", "f:1:10: unknown key \"sampel\"", "sample"),
        BadFile("event: { sample: a/b }\nnow: yesterday\nexpect: {}", "f:2:6:"),
    ])
    func `a test of a recipe`(file: BadFile) {
        expect(file) { text throws(FormatErrors) in _ = try RecipeTest.decode(yaml: text, name: "t", file: "f") }
    }

    @Test(arguments: [
        BadFile("operation: go", "f:1:1:", "input"),
        BadFile("operation: go\ninput: {}\nexpect: { verb: GET }", "f:3:11: unknown key \"verb\""),
        BadFile("operation: go\ninput: {}\nanswer: { status: ok }", "f:3:19:"),
    ])
    func `a test of a connector`(file: BadFile) {
        expect(file) { text throws(FormatErrors) in _ = try ConnectorTest.decode(yaml: text, name: "t", file: "f") }
    }

    @Test(arguments: [BadFile("A=1\nno equals", "f:2"), BadFile("A B=x", "f:1"), BadFile("A=\"open", "f:1")])
    func `an environment file`(file: BadFile) {
        expect(file) { text throws(FormatErrors) in _ = try EnvironmentFile.parse(text, file: "f") }
    }
}
