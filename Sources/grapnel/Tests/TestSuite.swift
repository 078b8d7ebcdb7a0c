import GrapnelCore
import GrapnelFormat
import GrapnelRun
import GrapnelSend
import Logging

/// The tests of a hub directory.
struct TestSuite {
    let files: HubFiles
    /// Whether a test is wanted; without a name: whether anything of the recipe or connector is.
    let isWanted: @Sendable (_ subject: String, _ test: String?) -> Bool

    /// The recipes and the connectors.
    var names: Set<String> {
        Set(RecipeFolder.names(inHub: files.paths.directory)).union(files.connectors.keys)
            .union(files.providers.map(\.id))
    }

    /// Runs the tests, recipes first, each reported when it is done.
    ///
    /// - Throws: `HubRefusal` with every mistake of recipes and test files.
    func run(_ report: (TestReport) -> Void) async throws {
        try await runRecipes(report)
        for (name, connector) in files.connectors.sorted(by: { $0.key < $1.key }) where isWanted(name, nil) {
            let folder = "\(files.paths.connectors)/\(name)/tests"
            for file in FileSystem.names(in: folder) where file.hasSuffix(".yaml") {
                let test = String(file.dropLast(".yaml".count))
                guard isWanted(name, test) else { continue }
                let decoded = try ConnectorTest.decode(
                    yaml: try FileSystem.readText("\(folder)/\(file)"), name: test,
                    file: "connectors/\(name)/tests/\(file)")
                report(
                    TestReport(
                        subject: "connectors/\(name)", name: test,
                        differences: ConnectorTestRunner.run(decoded, of: connector)))
            }
        }
    }

    private func runRecipes(_ report: (TestReport) -> Void) async throws {
        let names = RecipeFolder.names(inHub: files.paths.directory).filter { isWanted($0, nil) }
        guard !names.isEmpty else { return }
        var problems: [String] = []
        var subjects: [(recipe: DeployedRecipe, tests: [RecipeTest])] = []
        for name in names {
            do throws(RecipeRefusal) {
                let folder = try RecipeFolder(name: name, hubFolder: files.paths.directory)
                let tests = try RecipeTestRunner.tests(of: folder).filter { isWanted(name, $0.name) }
                guard !tests.isEmpty else { continue }
                subjects.append(
                    (try await RecipeLoader(bundles: nil).load(folder, processes: files.processPolicy), tests))
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else { throw HubRefusal(problems: problems) }
        guard !subjects.isEmpty else { return }
        try await HandlerPools.with(bubblewrap: files.processPolicy.bubblewrap) { handlers in
            let runner = RecipeTestRunner(
                isolates: handlers, samples: files.paths.connectorFiles, provider: provider,
                operation: operation)
            for (recipe, tests) in subjects {
                for test in tests {
                    let result = await runner.run(test, of: recipe)
                    report(
                        TestReport(
                            subject: "recipes/\(recipe.name)", name: test.name, differences: result.differences,
                            took: result.took, log: result.log))
                }
            }
        }
    }

    private var provider: RecipeTestRunner.ProviderLookup {
        let providers = files.providers
        return { name in providers.first { $0.id == name } }
    }

    private var operation: RecipeTestRunner.OperationLookup {
        { [files] connection, operation in files.operation(operation, ofConnection: connection) }
    }
}
