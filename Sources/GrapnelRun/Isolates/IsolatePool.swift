import Glibc
package import GrapnelCore
package import Logging
import ServiceLifecycle
import Synchronization

/// Runs jobs in isolates: one process each, forked ahead of need from a warmed zygote, in a sandbox from before the
/// first byte of a tenant's code, and never reused for another version.
///
/// All of it happens on one thread of its own (`IsolateLoop`); this type is the way in.
package final class IsolatePool: IsolateExecuting, Service {
    private struct State {
        var report: SandboxReport
        var nextTask: UInt64 = 1
    }

    private let configuration: IsolatePoolConfiguration
    private let clock: any HubClock
    private let logger: Logger
    private let inbox = IsolateInbox()
    private let state: Mutex<State>

    package init(configuration: IsolatePoolConfiguration, clock: any HubClock, logger: Logger) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        state = Mutex(State(report: SandboxReport(allowsJIT: configuration.allowsJIT)))
    }

    /// Which layers of the sandbox hold; empty until the first isolate was ready.
    package var report: SandboxReport { state.withLock { $0.report } }

    /// Keeps isolates until the hub shuts down; then kills them.
    ///
    /// - Throws: `IsolatePoolError` when the executable is not there.
    package func run() async throws {
        guard access(configuration.executable, X_OK) == 0 else {
            for case .execute(let task) in inbox.close() {
                task.end(.failed(AttemptFailure(.handedBack, "there are no isolates")), now: clock.monotonic())
            }
            throw IsolatePoolError(
                "\(configuration.executable) is not there: build it with make release, beside the hub's own program")
        }
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let loop = IsolateLoopStart { [configuration, clock, logger, inbox, self] in
                        IsolateLoop(configuration: configuration, clock: clock, logger: logger, inbox: inbox) {
                            report in
                            self.state.withLock { $0.report = report }
                        }.run()
                        continuation.resume()
                    }
                    loop.start()
                }
            } onCancel: {
                _ = inbox.post(.stop)
            }
        } onGracefulShutdown: {
            _ = self.inbox.post(.stop)
        }
    }

    package func execute(_ job: IsolateJob, host: any IsolateHost) async -> IsolateOutcome {
        let id = state.withLock { state in
            state.nextTask += 1
            return state.nextTask
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let task = IsolateTask(id: id, job: job, host: host, askedAt: clock.monotonic()) { outcome in
                    continuation.resume(returning: outcome)
                }
                if !inbox.post(.execute(task)) {
                    task.end(.failed(AttemptFailure(.handedBack, "the hub is stopping")), now: clock.monotonic())
                }
                // A cancellation that came before the job was posted found nothing to call off.
                if Task.isCancelled { _ = inbox.post(.cancel(task: id)) }
            }
        } onCancel: {
            _ = inbox.post(.cancel(task: id))
        }
    }

    package func retire(version: RecipeVersion) {
        _ = inbox.post(.retire(version))
    }
}
