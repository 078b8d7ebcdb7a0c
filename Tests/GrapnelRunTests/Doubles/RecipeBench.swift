import GrapnelCore
import GrapnelFormat
import GrapnelRun
import TestSupport
import Testing

/// The folder of a hub whose recipe `tested` is bundled and run in a real isolate.
final class RecipeBench {
    private let hub: TemporaryDirectory

    /// - Parameters:
    ///   - keys: What recipe.yaml has beside `on:`, `handler:` among it.
    ///   - files: The files of the recipe's folder; `../` leads to `recipes/`.
    init(_ keys: String, files: [String: String]) throws {
        hub = try TemporaryDirectory()
        try write("on: { source: github }\n\(keys)", to: "recipe.yaml")
        for (name, text) in files { try write(text, to: name) }
    }

    func write(_ text: String, to name: String) throws {
        // A folder must be there before a path may lead out of it.
        try #require(FileText.write("", to: hub.file("recipes/tested/.keep")))
        try #require(FileText.write(text, to: hub.file("recipes/tested/\(name)")))
    }

    /// The recipe, bundled; a refusal is an error.
    func recipe(_ loader: RecipeLoader = RecipeLoader(bundles: nil)) async throws -> DeployedRecipe {
        try await loader.load(RecipeFolder(name: "tested", hubFolder: hub.path))
    }

    /// Why the recipe is refused.
    func problems() async throws -> [String] {
        do throws(RecipeRefusal) {
            _ = try await RecipeLoader(bundles: nil).load(RecipeFolder(name: "tested", hubFolder: hub.path))
        } catch {
            return error.problems
        }
        return []
    }

    /// The names of the hub's recipes.
    var names: [String] { RecipeFolder.names(inHub: hub.path) }

    func bundles() -> BundleStore { BundleStore(folder: hub.file("state/bundles")) }

    /// What a run of the recipe comes to, a failure with its stack in the user's files.
    func run(
        _ event: Event = Sample.event(), batch: [Event] = [], host: any IsolateHost = RecordingHost()
    ) async throws -> IsolateOutcome.Result {
        let recipe = try await recipe()
        var result: IsolateOutcome.Result?
        try await IsolateBench.with { bench async throws in
            var leased = Sample.run(recipe: "tested", version: recipe.version)
            leased.event = event
            leased.batch = batch
            result = await bench.pool.execute(recipe.job(for: leased), host: host).result
        }
        let found = try #require(result)
        guard case .failed(let failure) = found else { return found }
        return .failed(recipe.explained(failure))
    }

    /// The reply of a run; another end is an error.
    func reply(_ event: Event = Sample.event(), host: any IsolateHost = RecordingHost()) async throws -> HTTPReply {
        let result = try await run(event, host: host)
        guard case .replied(let reply) = result else { throw HostedError("\(result)") }
        return reply
    }

    /// The failure of a run; another end is an error.
    func failure(_ event: Event = Sample.event()) async throws -> AttemptFailure {
        let result = try await run(event)
        guard case .failed(let failure) = result else { throw HostedError("\(result)") }
        return failure
    }

    /// The value that a handler returns; another end is an error.
    func value(_ event: Event = Sample.event(), host: any IsolateHost = RecordingHost()) async throws -> JSON? {
        let result = try await run(event, host: host)
        guard case .returned(let value) = result else { throw HostedError("\(result)") }
        return value
    }
}
