import GrapnelCore
import GrapnelRun
import Synchronization

/// Isolates whose handlers are closures.
final class ScriptedIsolates: IsolateExecuting {
    typealias Handler = @Sendable (IsolateJob, any IsolateHost) async -> IsolateOutcome

    private let handler: Handler
    private let state = Mutex<(jobs: [IsolateJob], retired: [RecipeVersion])>(([], []))

    init(_ handler: @escaping Handler) { self.handler = handler }

    /// Every job, in the order of their starts.
    var jobs: [IsolateJob] { state.withLock { $0.jobs } }

    func execute(_ job: IsolateJob, host: any IsolateHost) async -> IsolateOutcome {
        state.withLock { $0.jobs.append(job) }
        return await handler(job, host)
    }

    func retire(version: RecipeVersion) { state.withLock { $0.retired.append(version) } }
}
