import Glibc
package import GrapnelCore
import GrapnelFormat
package import Logging
import ServiceLifecycle
import Synchronization

/// Runs jobs in programs of any language: a process each, kept warm for one version of one recipe of one tenant, and
/// never reused for another.
///
/// Each has a thread of its own (`ProcessWorker`); this type gives them their runs.
package final class ProcessPool: IsolateExecuting, Service {
    private struct State {
        var workers: [UInt64: ProcessWorker] = [:]
        /// Workers without a run, the one used last at the end.
        var idle: [ProcessWorker] = []
        /// Workers that get no more runs, and have not left.
        var dismissed: Set<UInt64> = []
        /// Which worker has a run.
        var tasks: [UInt64: ProcessWorker] = [:]
        var queue = IsolateQueue()
        var retired: Set<RecipeVersion> = []
        var nextID: UInt64 = 1
        var isStopping = false
        var onEmpty: CheckedContinuation<Void, Never>?
    }

    private let configuration: ProcessPoolConfiguration
    private let clock: any HubClock
    private let logger: Logger
    private let state = Mutex(State())

    package init(configuration: ProcessPoolConfiguration, clock: any HubClock, logger: Logger) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
    }

    /// Keeps programs until the hub shuts down; then ends them.
    package func run() async throws {
        // `gracefulShutdown` ends by a shutdown of the hub, or by an error when the task is cancelled.
        try? await gracefulShutdown()
        await stop()
    }

    /// Programs that live now.
    package var count: Int { state.withLock { $0.workers.count } }

    package func execute(_ job: IsolateJob, host: any IsolateHost) async -> IsolateOutcome {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let task = IsolateTask(id: id, job: job, host: host, askedAt: clock.monotonic()) { outcome in
                    continuation.resume(returning: outcome)
                }
                admit(task)
                // A cancellation that came before the job was admitted found nothing to call off.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    package func retire(version: RecipeVersion) {
        state.withLock { state in
            state.retired.insert(version)
            for worker in state.idle where worker.key.version == version { dismiss(worker, &state) }
        }
    }

    /// Lets an idle worker go.
    private func dismiss(_ worker: ProcessWorker, _ state: inout State) {
        state.idle.removeAll { $0 === worker }
        state.dismissed.insert(worker.id)
        _ = worker.inbox.post(.stop)
    }

    // MARK: Giving runs

    private func admit(_ task: IsolateTask) {
        if let refusal = task.job.refusal { return fail(task, refusal) }
        let isRefused = state.withLock { state in
            if !state.isStopping { state.queue.append(task) }
            return state.isStopping
        }
        if isRefused { return fail(task, AttemptFailure(.handedBack, "the hub is stopping")) }
        assign()
    }

    /// Gives waiting runs to workers: one that is warm, a new one, or one that takes the place of another recipe's.
    private func assign() {
        var started: [ProcessWorker] = []
        state.withLock { state in
            for key in state.queue.turns {
                while let task = state.queue.first(key) {
                    let isFresh = task.job.isFresh || task.job.process?.handler.mode == .once
                    if !isFresh, let index = state.idle.lastIndex(where: { $0.key == key }) {
                        give(task, to: state.idle.remove(at: index), &state)
                    } else if state.workers.count < configuration.maxProcesses {
                        state.nextID += 1
                        let worker = ProcessWorker(
                            id: state.nextID, key: key, pool: self, configuration: configuration, clock: clock,
                            logger: logger)
                        state.workers[worker.id] = worker
                        started.append(worker)
                        give(task, to: worker, &state)
                    } else {
                        // The one that has been idle longest goes; its leaving looks at the queue again.
                        if state.dismissed.isEmpty, let oldest = state.idle.first { dismiss(oldest, &state) }
                        break
                    }
                    state.queue.served(key)
                }
            }
        }
        for worker in started { IsolateLoopStart { worker.run() }.start() }
    }

    private func give(_ task: IsolateTask, to worker: ProcessWorker, _ state: inout State) {
        state.tasks[task.id] = worker
        _ = worker.inbox.post(.execute(task))
    }

    private func cancel(_ id: UInt64) {
        let (worker, waiting) = state.withLock { state in (state.tasks[id], state.queue.remove(id: id)) }
        if let waiting { fail(waiting, AttemptFailure(.handedBack, "the run was called off")) }
        _ = worker?.inbox.post(.cancel(task: id))
    }

    private func fail(_ task: IsolateTask, _ failure: AttemptFailure) {
        task.end(.failed(failure), now: clock.monotonic())
    }

    // MARK: What workers say

    /// Whether a worker goes on after a run; it is idle then, or has the next run.
    func isWanted(_ worker: ProcessWorker, runs: Int, after task: IsolateTask) -> Bool {
        state.withLock { state in
            state.tasks[task.id] = nil
            let isUsedUp = runs >= configuration.maxRuns || task.job.isFresh
            if state.isStopping || isUsedUp || state.retired.contains(worker.key.version)
                || task.job.process?.handler.mode == .once
            {
                return false
            }
            // One that has waited longer than those of this worker has no place but this one's.
            let isFull = state.workers.count >= configuration.maxProcesses
            if isFull, let first = state.queue.turns.first, first != worker.key { return false }
            if let next = state.queue.first(worker.key) {
                state.queue.served(worker.key)
                give(next, to: worker, &state)
                return true
            }
            // Others wait, and have no place.
            if !state.queue.isEmpty { return false }
            state.idle.append(worker)
            return true
        }
    }

    /// Takes an idle worker out, so that it gets no more runs; `false` when it was given one.
    func takeOut(_ worker: ProcessWorker) -> Bool {
        state.withLock { state in
            if state.dismissed.contains(worker.id) { return true }
            guard let index = state.idle.firstIndex(where: { $0 === worker }) else { return false }
            state.idle.remove(at: index)
            return true
        }
    }

    /// A worker's thread ends.
    func leave(_ worker: ProcessWorker) {
        let onEmpty = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.workers[worker.id] = nil
            state.dismissed.remove(worker.id)
            guard state.workers.isEmpty else { return nil }
            let waiting = state.onEmpty
            state.onEmpty = nil
            return waiting
        }
        onEmpty?.resume()
        assign()
    }

    // MARK: Stopping

    private func stop() async {
        let (waiting, workers) = state.withLock { state in
            state.isStopping = true
            return (state.queue.removeAll(), Array(state.workers.values))
        }
        for task in waiting { fail(task, AttemptFailure(.handedBack, "the hub is stopping")) }
        for worker in workers { _ = worker.inbox.post(.stop) }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.workers.isEmpty { state.onEmpty = continuation }
                return state.workers.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
