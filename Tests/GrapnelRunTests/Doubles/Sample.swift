import GrapnelCore
import GrapnelFormat
import GrapnelRun

/// Values that tests of runs start from.
enum Sample {
    static let tenant = TenantID.default
    static let version = RecipeVersion(String(repeating: "a", count: 64))
    static let otherVersion = RecipeVersion(String(repeating: "b", count: 64))

    /// A recipe of this manifest; `keys` are added to one that wants every event of `github`.
    static func recipe(
        _ name: String = "greeter", keys: String = "", on: String = "{ source: github }",
        version: RecipeVersion = version
    ) throws -> DeployedRecipe {
        let manifest = try RecipeManifest.decode(
            yaml: "on: \(on)\nhandler: handler.js\n\(keys)", name: name, file: "recipe.yaml")
        return DeployedRecipe(manifest: manifest, version: version, script: Array("1".utf8), sourceMap: [])
    }

    static func event(
        source: String = "github", type: String = "issues.opened", body: String = "{}", number: UInt64 = 1
    ) -> Event {
        Event(
            id: Identifier(high: 1, low: number), tenant: tenant, source: source, type: type, deliveryID: "d\(number)",
            receivedAt: Timestamp(milliseconds: 1_767_603_600_000),
            headers: HeaderFields([("Content-Type", "application/json")]), query: "", raw: Array(body.utf8),
            bodyKind: .json)
    }

    static func run(
        recipe: String = "greeter", version: RecipeVersion = version, counters: WorkCounters = WorkCounters(),
        hasEffects: Bool = false, number: UInt64 = 1
    ) -> LeasedRun {
        let id = Identifier<Run>(high: 2, low: number)
        let event = event(number: number)
        return LeasedRun(
            run: Run(
                id: id, tenant: tenant, event: event.id, recipe: recipe, version: version, origin: id, state: .leased,
                counters: counters, createdAt: event.receivedAt),
            event: event, fence: 1, hasEffects: hasEffects)
    }

    static func outcome(_ result: IsolateOutcome.Result) -> IsolateOutcome {
        IsolateOutcome(result: result, coldStart: false, took: .milliseconds(2))
    }

    static func output(_ step: String = "slack.postMessage#1", text: String = "hello") -> OutputRequest {
        OutputRequest(
            connection: "slack", operation: "postMessage", input: ["text": .string(text)], step: step, delay: .zero)
    }
}
