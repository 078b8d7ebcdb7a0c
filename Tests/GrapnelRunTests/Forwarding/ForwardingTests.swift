import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelRun
import TestSupport
import Testing

/// Recipes without code: `forward:` in place of a handler.
@Suite struct ForwardingTests {
    private static let app = "forward: { connection: app, operation: post, input: { json: '{body}' } }"

    private static func manifest(_ keys: String) throws -> RecipeManifest {
        try RecipeManifest.decode(yaml: "on: { source: github }\n\(keys)", name: "passer", file: "recipe.yaml")
    }

    private static func recipe(_ keys: String) throws -> DeployedRecipe {
        DeployedRecipe(manifest: try manifest(keys), version: Sample.version, script: [], sourceMap: [])
    }

    private static func mistakes(_ keys: String) -> String {
        do throws(FormatErrors) {
            _ = try RecipeManifest.decode(yaml: "on: { source: github }\n\(keys)", name: "passer", file: "recipe.yaml")
            return ""
        } catch {
            return error.errors.map(\.description).joined(separator: "\n")
        }
    }

    /// What a run of the recipe leaves behind, without any isolate.
    private static func detail(
        _ keys: String, body: String = "{}", broker: RecordingBroker = RecordingBroker()
    ) async throws -> RunDetail {
        let bench = try await DispatchBench(recipes: [try recipe(keys)], broker: broker) { _, _ in
            Issue.record("a recipe without code needs no isolate")
            return Sample.outcome(.returned(nil))
        }
        let (id, queue) = (Identifier<Run>(high: 9, low: 9), bench.queue)
        var event = Sample.event(body: body)
        event.id = Identifier(high: 8, low: 8)
        let accepted = AcceptedRequest(
            id: Identifier(high: 7, low: 7), tenant: .default, source: event.source,
            request: InboundRequest(
                method: "POST", url: "https://hub.example/hooks/github", query: "", headers: event.headers,
                body: event.raw, peer: "192.0.2.1", receivedAt: event.receivedAt),
            verdict: .unsigned,
            events: [
                .init(
                    event: event, fingerprint: [1],
                    runs: [.init(id: id, recipe: "passer", version: Sample.version, startNow: false)])
            ], dedupeWindow: .seconds(60), lease: .seconds(30))
        let found = Recorded<RunDetail>()
        try await bench.withServices {
            _ = try await queue.accept(accepted)
            try await found.set(bench.run(id, reaches: [.succeeded, .dead, .scheduled]))
        }
        return try #require(found.value)
    }

    @Test func `the event is passed on, and nothing is executed`() async throws {
        let broker = RecordingBroker()
        let detail = try await Self.detail(Self.app, body: #"{"id":7}"#, broker: broker)
        #expect(detail.run.state == .succeeded)
        #expect(detail.effects.map(\.effect.step) == ["app.post#1"])
        #expect(detail.effects.first?.effect.input == Array(#"{"json":{"id":7}}"#.utf8))
        #expect(broker.record.delivered.count == 1)
    }

    @Test func `several operations are left behind together, each with a step of its own`() async throws {
        let detail = try await Self.detail(
            """
            forward:
              - { connection: app, operation: post, input: { json: "{event.type}" } }
              - { connection: app, operation: post, input: { json: "for {env.WHO}: {headers.content-type}" } }
              - { connection: slack, operation: postMessage }
            variables: { WHO: ops }
            """)
        #expect(detail.effects.map(\.effect.step) == ["app.post#1", "app.post#2", "slack.postMessage#1"])
        let inputs = detail.effects.map { String(decoding: $0.effect.input, as: UTF8.self) }
        #expect(inputs == [#"{"json":"issues.opened"}"#, #"{"json":"for ops: application/json"}"#, "{}"])
    }

    @Test func `a path that a text needs and that is absent ends the run, and names itself`() async throws {
        let detail = try await Self.detail(
            "forward: { connection: app, operation: post, input: { json: { title: 'About {body.issue.title}' } } }")
        #expect(detail.run.state == .dead)
        #expect(detail.run.deadReason == .rejected)
        #expect(detail.run.error?.contains("body.issue.title") == true)
        #expect(detail.run.error?.contains("forward to app.post: input.json.title") == true)
        #expect(detail.effects.isEmpty)
    }

    @Test func `an input that does not fit names the paths that were absent`() async throws {
        let detail = try await Self.detail(
            "forward: { connection: app, operation: unknown, input: { json: '{body.issue}' } }")
        #expect(detail.run.deadReason == .rejected)
        #expect(detail.run.error?.hasSuffix("absent in the event: body.issue") == true)
        #expect(detail.attempts.first?.log.map(\.level) == [.warn])
    }

    @Test func `what it forwards to counts among what it uses`() throws {
        let manifest = try Self.manifest("uses: { app: [get], crm: [read] }\n\(Self.app)")
        #expect(manifest.uses == ["app": ["get", "post"], "crm": ["read"]])
        #expect(manifest.handler.isEmpty)
    }

    @Test(arguments: [
        ("summary: neither", "needs the key \"handler\""),
        ("handler: handler.js\n" + app, "\"handler\" is for a recipe with code"),
        ("style: webtask\n" + app, "\"style\" is for a recipe with code"),
        ("forward: []", "names no operation"), ("forward: app.post", "must be a mapping"),
        ("forward: { connection: app }", "needs the key \"operation\""),
        ("forward: { connection: app, operation: post, inputs: {} }", "did you mean \"input\"?"),
        ("forward: { connection: app, operation: post, input: { json: '{bdy}' } }", "did you mean \"body\"?"),
        ("forward: { connection: app, operation: post, input: { json: '{body' } }", "json"),
    ])
    func `a mistake is told`(keys: String, words: String) {
        let mistakes = Self.mistakes(keys)
        #expect(mistakes.contains(words), "\(mistakes)")
        #expect(mistakes.contains("recipe.yaml:"), "\(mistakes)")
    }

    @Test func `its version is the hash of the manifest, and is kept`() async throws {
        let hub = try TemporaryDirectory()
        let bundles = BundleStore(folder: hub.file("bundles"))
        try #require(
            FileText.write("on: { source: github }\n\(Self.app)\n", to: hub.file("recipes/passer/recipe.yaml")))
        // There is nothing to bundle, and nobody to do it.
        let loader = RecipeLoader(bundler: Bundler(executable: "/nowhere"), bundles: bundles)
        let folder = try RecipeFolder(name: "passer", hubFolder: hub.path)
        #expect(folder.problems(sources: ["github"], catalog: FixedCatalog(connections: ["app": ["post"]])) == [])
        let problems = folder.problems(sources: ["github"], catalog: FixedCatalog(connections: ["app": ["put"]]))
        #expect(problems.first?.contains("recipes/passer/recipe.yaml:2") == true, "\(problems)")
        let first = try await loader.load(folder)
        #expect(loader.kept(first.version, ofRecipe: "passer")?.manifest.forwards == first.manifest.forwards)
        try #require(
            FileText.write("on: { source: gitlab }\n\(Self.app)\n", to: hub.file("recipes/passer/recipe.yaml")))
        let second = try await loader.load(try RecipeFolder(name: "passer", hubFolder: hub.path))
        #expect(second.version != first.version)
    }
}
