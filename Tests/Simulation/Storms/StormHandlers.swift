import GrapnelCore
import GrapnelRun
import TestSupport

/// The isolates of a storm: a handler thinks, then awaits its vendor or leaves an output behind.
struct StormHandlers: IsolateExecuting {
    let plan: StormPlan
    let clock: SimulatedClock
    let random: SeededRandomSource

    func retire(version: RecipeVersion) {}

    func execute(_ job: IsolateJob, host: any IsolateHost) async -> IsolateOutcome {
        let began = clock.monotonic()
        let result = await run(job, host, began: began)
        return IsolateOutcome(result: result, coldStart: false, took: clock.monotonic() - began)
    }

    private func run(_ job: IsolateJob, _ host: any IsolateHost, began: Duration) async -> IsolateOutcome.Result {
        let stopped = IsolateOutcome.Result.failed(AttemptFailure(.handedBack, "the run was stopped"))
        guard (try? await clock.sleep(for: .milliseconds(random.within(plan.handlerTime)))) != nil else {
            return stopped
        }
        let input: JSON = ["number": job.event.body()?["number"] ?? .null]
        switch job.recipe == StormDefinitions.crowd ? plan.work : .sends {
        case .thinks: break
        case .sends:
            host.send(
                .send(
                    OutputRequest(
                        connection: job.recipe, operation: "post", input: input, step: "post", delay: .zero)))
        case .calls:
            let answer = await host.perform(
                .call(connection: job.recipe, operation: "post", input: input, step: "post", timeout: nil),
                remaining: .seconds(30) - (clock.monotonic() - began))
            switch answer {
            case .text, .reply: break
            case .failure(let failure):
                let kind: AttemptFailureKind = failure.outcome == .unknown ? .callUnknown : .callFailed
                return .failed(
                    AttemptFailure(
                        kind, failure.message, isRetryable: failure.isRetryable, retryAfter: failure.retryAfter))
            case .endRun(let failure): return .failed(failure)
            }
        }
        return .returned(.null)
    }
}
