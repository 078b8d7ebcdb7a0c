import Glibc
import GrapnelCore
import GrapnelFormat
import GrapnelRun
import TestSupport
import Testing

@Suite struct DeploymentStoreTests {
    private let hub: TemporaryDirectory
    private let catalog = FixedCatalog(connections: ["slack": ["postMessage", "incomingWebhook"]])

    init() throws { hub = try TemporaryDirectory() }

    private func write(_ text: String, to name: String) throws {
        try #require(FileText.write(text, to: hub.file(name)))
    }

    private func writeRecipe(_ name: String, keys: String = "", handler: String = "export default () => 1\n") throws {
        try write("on: { source: github }\nhandler: handler.js\n\(keys)", to: "recipes/\(name)/recipe.yaml")
        try write(handler, to: "recipes/\(name)/handler.js")
    }

    private func store() -> DeploymentStore {
        DeploymentStore(loader: RecipeLoader(bundles: BundleStore(folder: hub.file("state/bundles"))))
    }

    private func load(_ store: DeploymentStore) async -> DeploymentReport {
        await store.load(hubFolder: hub.path, sources: ["github"], catalog: catalog)
    }

    @Test func `a recipe is deployed and wants its events`() async throws {
        try writeRecipe("greeter", keys: "uses: { slack: [postMessage] }")
        let store = store()
        let report = await load(store)
        #expect(report.refusals.isEmpty)
        #expect(report.activated.keys.sorted() == ["greeter"])
        #expect(store.matches(for: Sample.event(), body: [:]).map(\.recipe) == ["greeter"])
        #expect(store.matches(for: Sample.event(source: "crm"), body: [:]).isEmpty)
    }

    @Test func `a version is the content's, not the folder's`() async throws {
        try writeRecipe("greeter")
        let store = store()
        let first = await load(store).activated["greeter"]
        #expect(await load(store).activated.isEmpty)
        try write("# another comment\non: {source: github}\nhandler: handler.js\n", to: "recipes/greeter/recipe.yaml")
        #expect(await load(store).activated.isEmpty)
        try writeRecipe("greeter", handler: "export default () => 2\n")
        let report = await load(store)
        #expect(report.activated["greeter"] != nil)
        #expect(report.retired == [try #require(first)])
    }

    @Test func `a bad edit is refused with all that is wrong, and the old version stays`() async throws {
        try writeRecipe("greeter")
        try writeRecipe("other")
        let store = store()
        let version = await load(store).activated["greeter"]
        try write(
            "on: { source: gitlab }\nhandler: handler.js\nuses: { slack: [post], jira: [comment] }\n",
            to: "recipes/greeter/recipe.yaml")
        try write("export default () => {", to: "recipes/greeter/handler.js")
        let report = await load(store)
        let problems = try #require(report.refusals.first).problems
        #expect(report.refusals.count == 1)
        #expect(problems.count == 4)
        #expect(problems[0].hasPrefix("recipes/greeter/recipe.yaml:1:"))
        #expect(problems.contains { $0.contains("there is no source \"gitlab\"") && $0.contains("github") })
        #expect(problems.contains { $0.contains("slack has no operation \"post\"") && $0.contains("postMessage") })
        #expect(problems.contains { $0.contains("there is no connection \"jira\"") })
        #expect(problems.contains { $0.hasPrefix("recipes/greeter/handler.js:1:") })
        #expect(store.current.recipes["greeter"]?.version == version)
        #expect(store.current.recipes.count == 2)
    }

    @Test func `a recipe whose folder is gone is removed`() async throws {
        try writeRecipe("greeter")
        let store = store()
        _ = await load(store)
        unlink(hub.file("recipes/greeter/recipe.yaml"))
        unlink(hub.file("recipes/greeter/handler.js"))
        rmdir(hub.file("recipes/greeter"))
        let report = await load(store)
        #expect(report.removed == ["greeter"])
        #expect(store.current.recipes.isEmpty)
    }

    @Test func `a folder without a manifest is refused with what is missing`() async throws {
        try write("export default () => 1\n", to: "recipes/greeter/handler.js")
        let report = await load(store())
        #expect(report.refusals.first?.description.contains("recipes/greeter/recipe.yaml: missing") == true)
    }

    @Test func `a missing handler is told once`() async throws {
        try write("on: { source: github }\nhandler: handler.ts\n", to: "recipes/greeter/recipe.yaml")
        let report = await load(store())
        let problems = try #require(report.refusals.first).problems
        #expect(problems.count == 1)
        #expect(problems[0].contains("there is no file handler.ts"))
    }

    @Test func `a version of an earlier deployment is found again after a restart`() async throws {
        try writeRecipe("greeter", keys: "variables: { CHANNEL: \"#triage\" }\nlimits: { calls: 7 }")
        let version = try #require(await load(store()).activated["greeter"])
        try writeRecipe("greeter", handler: "export default () => 2\n")
        let restarted = store()
        _ = await load(restarted)
        let earlier = try #require(restarted.recipe("greeter", version: version))
        #expect(earlier.version == version)
        #expect(earlier.manifest.variables == ["CHANNEL": "#triage"])
        #expect(earlier.manifest.limits.calls == 7)
        #expect(restarted.recipe("greeter", version: Sample.version) == nil)
        #expect(restarted.recipe("greeter", version: RecipeVersion("../../etc")) == nil)
    }

    @Test func `a kept version that was tampered with is not run`() async throws {
        try writeRecipe("greeter")
        let version = try #require(await load(store()).activated["greeter"])
        try writeRecipe("greeter", handler: "export default () => 2\n")
        let restarted = store()
        _ = await load(restarted)
        try write("var __mod = {}", to: "state/bundles/\(version.hash)/bundle.js")
        #expect(restarted.recipe("greeter", version: version) == nil)
    }

    @Test func `an unchanged recipe is not bundled again at start`() async throws {
        try writeRecipe("greeter")
        let version = await load(store()).activated["greeter"]
        let bundles = BundleStore(folder: hub.file("state/bundles"))
        let idle = Bundler(executable: hub.file("no-bundler"))
        let restarted = DeploymentStore(loader: RecipeLoader(bundler: idle, bundles: bundles))
        let report = await load(restarted)
        #expect(report.refusals.isEmpty)
        #expect(report.activated["greeter"] == version)
        try writeRecipe("greeter", handler: "export default () => 2\n")
        #expect(await load(restarted).refusals.count == 1)
    }

    @Test func `a recipe may want the events of another, and one that is not there is told`() async throws {
        try writeRecipe("shop")
        let wants = "on: [{ source: 'recipe:shop' }, { source: 'recipe:shp' }, { source: grapnel }]"
        try write("\(wants)\nhandler: handler.js\n", to: "recipes/price/recipe.yaml")
        try write("export default () => 1\n", to: "recipes/price/handler.js")
        let store = store()
        let report = await load(store)
        #expect(report.refusals.isEmpty)
        #expect(report.warnings.count == 1)
        #expect(report.warnings.first?.contains("recipes/price/recipe.yaml:1") == true)
        #expect(report.warnings.first?.contains("no recipe \"shp\"") == true)
        #expect(store.matches(for: Sample.event(source: "recipe:shop"), body: [:]).map(\.recipe) == ["price"])
    }

    @Test func `two recipes that answer the same event are refused`() async throws {
        try writeRecipe("first", keys: "reply: { within: 5s }")
        try writeRecipe("second", keys: "reply: { within: 5s }")
        let store = store()
        let report = await load(store)
        #expect(report.refusals.map(\.recipe) == ["second"])
        #expect(report.refusals.first?.description.contains("the recipe first answers the same events") == true)
    }
}
