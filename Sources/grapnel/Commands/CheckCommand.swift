import ArgumentParser
import GrapnelCore
import GrapnelFormat
import GrapnelRun
import GrapnelSend

/// `grapnel check`: look for mistakes in the whole hub directory without running it.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the whole hub directory: grapnel.yaml, recipes, connectors, secrets.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let environment = HubOptions.environment
        var problems: [String] = []
        var warnings: [String] = []
        do {
            let files = try HubFiles(hub.paths, environment: environment)
            let store = SecretStore(paths: files.paths, environment: environment)
            let secrets = try HubSecrets(store: store, environment: environment, variables: files.variables)
            let (connections, _) = ConnectionTable.check(files.configuration.connections, connectors: files.connectors)
            do throws(HubRefusal) {
                _ = try Hub.wiring(files, secrets: secrets)
            } catch {
                problems += error.problems
            }
            let table = ConnectionTable(
                connections: connections, secrets: secrets, version: Hub.version, clock: SystemClock())
            let deployments = DeploymentStore(
                loader: RecipeLoader(bundles: nil, caps: files.configuration.recipeCaps))
            let report = await deployments.load(
                hubFolder: files.paths.directory, sources: Set(files.configuration.sources.map(\.name)),
                catalog: table, processes: files.processPolicy)
            problems += report.refusals.flatMap(\.problems)
            warnings = report.warnings
            problems += try await CheckCommand.evaluate(deployments.current.recipes.values.sorted { $0.name < $1.name })
        } catch let errors as FormatErrors {
            problems += errors.errors.map(\.description)
        }
        let document: JSON = [
            "problems": .array(problems.map { .string($0) }), "warnings": .array(warnings.map { .string($0) }),
        ]
        if !output.printed(document) {
            for warning in warnings { Terminal.print("\(Style.yellow("warning")) \(warning)") }
            for problem in problems { Terminal.print(problem) }
            if problems.isEmpty { Terminal.print("No mistakes found in \(hub.paths.directory).") }
        }
        if !problems.isEmpty { throw ExitCode.failure }
    }

    /// What shows only when code is evaluated: an error at its top, a handler that is none.
    private static func evaluate(_ recipes: [DeployedRecipe]) async throws -> [String] {
        guard !recipes.isEmpty else { return [] }
        var problems: [String] = []
        try await HandlerPools.with(bubblewrap: nil) { handlers in
            for recipe in recipes {
                if let problem = await TrialRun.problem(of: recipe, in: handlers) { problems.append(problem) }
            }
        }
        return problems
    }
}
