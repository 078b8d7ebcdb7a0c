import GrapnelCore
import GrapnelFormat
import GrapnelRun

/// The smallest run there is, to see that one can be had.
enum TrialRun {
    private struct Host: IsolateHost {
        func perform(_ operation: IsolateOperation, remaining: Duration) async -> IsolateAnswer { .text(nil) }
        func send(_ output: IsolateOutput) {}
        func log(_ line: LogLine) {}
    }

    /// A script that returns, in an isolate.
    static func execute(in pool: IsolatePool) async -> IsolateOutcome {
        await pool.execute(job(source: "var __mod = { default: () => 1 }"), host: Host())
    }

    /// A program that ends well, in the sandbox of programs.
    static func execute(programIn pool: ProcessPool) async -> IsolateOutcome {
        var trial = job(source: "")
        guard let command = try? Template("/usr/bin/true") else {
            return IsolateOutcome(
                result: .failed(AttemptFailure(.bundle, "there is no trial")), coldStart: true, took: .zero)
        }
        trial.process = ProcessProgram(handler: ProcessHandler(command: [command], mode: .once), folder: "/usr/bin")
        return await pool.execute(trial, host: Host())
    }

    /// What is wrong with a recipe's code, found by evaluating it; `nil` when nothing is, and for a program.
    static func problem(of recipe: DeployedRecipe, in handlers: HandlerExecutor) async -> String? {
        guard let trial = recipe.trial(at: SystemClock().now()) else { return nil }
        guard case .failed(let failure) = await handlers.execute(trial, host: Host()).result else { return nil }
        let told = recipe.explained(failure)
        let place = told.stack?.split(separator: "\n").first.map { " (\($0))" } ?? ""
        return "recipes/\(recipe.name)/\(recipe.manifest.handler): \(told.message)\(place)"
    }

    private static func job(source: String) -> IsolateJob {
        let event = Event(
            id: Identifier(high: 0, low: 1), tenant: .default, source: "doctor", type: "trial", deliveryID: nil,
            receivedAt: SystemClock().now(), headers: HeaderFields(), query: "", raw: [], bodyKind: .absent)
        return IsolateJob(
            tenant: .default, recipe: "doctor", version: RecipeVersion("trial"), source: Array(source.utf8),
            run: Identifier(high: 0, low: 2), attempt: 1, event: event, isFresh: true,
            limits: RunLimits(wall: .seconds(10)))
    }
}
