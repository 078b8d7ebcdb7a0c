import GrapnelCore
package import GrapnelFormat
import GrapnelQueue

/// Runs the tests of a recipe: the real handler in a real isolate, without a network and without a queue.
package struct RecipeTestRunner: Sendable {
    /// Finds an operation of a connection; `nil` when there is none.
    package typealias OperationLookup = @Sendable (_ connection: String, _ operation: String) -> OperationDefinition?
    /// Finds a provider by the name of its folder; `nil` when there is none.
    package typealias ProviderLookup = @Sendable (_ provider: String) -> ProviderDefinition?

    /// When a test does not say what time it is.
    private static let defaultNow = Timestamp(milliseconds: 1_767_603_600_000)

    private let isolates: any IsolateExecuting
    private let samples: any SampleReading
    private let provider: ProviderLookup
    private let operation: OperationLookup

    /// - Parameters:
    ///   - isolates: Where handlers run.
    ///   - samples: Where the samples of providers are.
    package init(
        isolates: any IsolateExecuting, samples: any SampleReading, provider: @escaping ProviderLookup,
        operation: @escaping OperationLookup
    ) {
        self.isolates = isolates
        self.samples = samples
        self.provider = provider
        self.operation = operation
    }

    /// The tests of a recipe's folder, by name. Throws every mistake in their files.
    package static func tests(of folder: RecipeFolder) throws(RecipeRefusal) -> [RecipeTest] {
        var tests: [RecipeTest] = []
        var problems: [String] = []
        let names = (try? LocalFile.names(in: "\(folder.path)/tests")) ?? []
        for name in names where name.hasSuffix(".yaml") {
            let file = "recipes/\(folder.name)/tests/\(name)"
            do {
                let bytes = try LocalFile.read("\(folder.path)/tests/\(name)", limit: RecipeFolder.largestFile.bytes)
                tests.append(
                    try RecipeTest.decode(
                        yaml: String(decoding: bytes, as: UTF8.self), name: String(name.dropLast(".yaml".count)),
                        file: file))
            } catch let errors as FormatErrors {
                problems += errors.errors.map(\.description)
            } catch {
                problems.append("\(file): cannot be read: \(error)")
            }
        }
        guard problems.isEmpty else { throw RecipeRefusal(recipe: folder.name, problems: problems) }
        return tests
    }

    /// Runs one test.
    package func run(_ test: RecipeTest, of recipe: DeployedRecipe) async -> RecipeTestResult {
        let now = test.now ?? RecipeTestRunner.defaultNow
        let event: Event
        do throws(RecipeTestError) {
            event = try TestEvent(
                test: test, recipe: recipe.manifest, samples: samples, provider: provider, now: now
            ).make()
        } catch {
            return RecipeTestResult(recipe: recipe.name, test: test.name, differences: [error.description])
        }
        guard !Deployment([recipe]).matches(for: event, body: event.body()).isEmpty else {
            let difference = Expectation.difference(
                "event", expected: "one that the recipe wants",
                actual: "\(event.source) \(event.type), which on: of recipe.yaml does not match")
            return RecipeTestResult(recipe: recipe.name, test: test.name, differences: [difference])
        }
        let id = Identifier<Run>(high: UInt64(bitPattern: now.milliseconds) << 16, low: 2)
        let leased = LeasedRun(
            run: Run(
                id: id, tenant: .default, event: event.id, recipe: recipe.name, version: recipe.version, origin: id,
                state: .leased, createdAt: now),
            event: event, fence: 1, hasEffects: false, batch: recipe.manifest.flow.batch == nil ? [] : [event])
        let store = TestKeyValues(test.keyValues)
        let broker = CannedBroker(calls: test.calls, operation: operation)
        let clock = TestClock(wall: now)
        let host = RunHost(leased: leased, recipe: recipe, broker: broker, store: store, clock: clock)
        var outcome =
            if recipe.manifest.forwards.isEmpty {
                await isolates.execute(recipe.job(for: leased), host: host)
            } else {
                Forwarding(recipe: recipe, leased: leased).perform(on: host, clock: clock)
            }
        if case .failed(let failure) = outcome.result { outcome.result = .failed(recipe.explained(failure)) }
        let harvest = host.harvest()
        let finish = AttemptConclusion(
            leased: leased, version: recipe.version, policy: recipe.retryPolicy, reply: recipe.manifest.reply,
            startedAt: now, now: now, unit: 0.5
        ).finish(outcome, harvest: harvest) { outputs throws(AttemptFailure) in
            try broker.plan(outputs, of: leased)
        }
        broker.commit(finish.outputs)
        for write in finish.keyValues { store.apply(write) }
        let seen = RecipeTestOutcome(
            finish: finish, effects: broker.effects, emitted: finish.decision == .succeed ? harvest.emitted : [],
            log: harvest.log, keyValues: store,
            reply: recipe.manifest.reply.map { finish.reply ?? $0.otherwise })
        return RecipeTestResult(
            recipe: recipe.name, test: test.name, differences: seen.differences(from: test), log: harvest.log,
            took: outcome.took)
    }
}
