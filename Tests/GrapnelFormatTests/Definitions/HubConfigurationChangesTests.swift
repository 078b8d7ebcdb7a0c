import GrapnelCore
import GrapnelFormat
import Testing

@Suite struct HubConfigurationChangesTests {
    /// Two values of each key that is taken on at the start only.
    private static let values: [String: (String, String)] = [
        "listen": ("127.0.0.1:8080", "127.0.0.1:9080"), "admin": ("127.0.0.1:8081", "127.0.0.1:9081"),
        "egress.allow_private": ("[]", "[10.0.0.0/8]"), "limits.isolates": ("8", "9"),
        "limits.memory": ("1GiB", "2GiB"), "limits.jit": ("true", "false"), "limits.depth": ("3", "4"),
        "limits.log": ("16MiB", "32MiB"),
        "limits.run": ("{ cpu: 1s }", "{ cpu: 2s }"), "database": ("a.db", "b.db"),
        "database_checkpoints": ("own", "external"),
    ]

    /// The keys that a running hub takes on when it reads its directory again.
    private static let readAgain: Set = [
        "public_url", "trusted_proxies", "sources", "connections", "alerts", "retention", "process_handlers",
    ]

    /// Every key of the schema: those of a mapping by their path.
    private static func keys(of schema: JSON, under path: String = "") -> [String] {
        (schema["properties"]?.object?.keys ?? []).flatMap { key -> [String] in
            let name = path.isEmpty ? key : "\(path).\(key)"
            let inner = schema["properties"]?[key].map { keys(of: $0, under: name) } ?? []
            return inner.isEmpty ? [name] : inner
        }
    }

    private static func configuration(_ key: String, _ value: String) throws -> HubConfiguration {
        let names = key.split(separator: ".")
        let text = names.reversed().reduce(value) { "{ \($1): \($0) }" }
        return try HubConfiguration.decode(yaml: text, file: "grapnel.yaml")
    }

    @Test func `every key is taken on by a reload, or told to need a start`() {
        let known = Self.keys(of: HubConfiguration.schema)
        #expect(known.contains("retention.dead_letters") && known.contains("limits.run.cpu"))
        let said = Self.readAgain.union(Self.values.keys)
        for key in known { #expect(said.contains { key == $0 || key.hasPrefix($0 + ".") }, "\(key)") }
        for key in said { #expect(known.contains { $0 == key || $0.hasPrefix(key + ".") }, "\(key) is no key") }
    }

    @Test func `another value of a key that needs a start is told, and of no other key`() throws {
        for (key, (old, new)) in Self.values {
            let (before, after) = (try Self.configuration(key, old), try Self.configuration(key, new))
            #expect(after.keysForTheNextStart(from: before) == [key])
            #expect(after.keysForTheNextStart(from: after).isEmpty)
        }
    }

    @Test func `what is read again is no reason for a start`() throws {
        let before = HubConfiguration()
        let text = """
            public_url: https://hub.example.com
            retention: { events: 1d, bytes: 1GiB, dead_letters: 2d }
            process_handlers: true
            sources: { crm: { provider: none, insecure: true, retention: 7d } }
            connections: { a: { connector: b, rate: { limit: 1/1s, key: input.to }, concurrency: [{ limit: 1, key: input.to }, 4], order_by: input.to, expire: 1h } }
            """
        let after = try HubConfiguration.decode(yaml: text, file: "grapnel.yaml")
        #expect(after.keysForTheNextStart(from: before).isEmpty)
    }
}
