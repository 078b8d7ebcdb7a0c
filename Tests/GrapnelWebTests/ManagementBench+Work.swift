import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

/// Work that has come to an end, and what is done to much of it.
extension ManagementBench {
    /// A run that stopped with this error.
    @discardableResult
    func stop(delivery: String, _ decision: WorkDecision, _ error: String) async throws -> Identifier<Run> {
        try await accept(delivery: delivery)
        let leased = try #require(try await queue.claimRuns(RunClaim(limit: 1, lease: .seconds(30))).first)
        _ = try await queue.finishRun(finish(leased, decision, failure: AttemptFailure(.threw, error)))
        return leased.run.id
    }

    /// An output whose delivery stopped; its run succeeded.
    func stoppedOutput(
        delivery: String, _ decision: WorkDecision, state: EffectState = .failed
    ) async throws -> Identifier<Effect> {
        try await accept(delivery: delivery)
        let leased = try #require(try await queue.claimRuns(RunClaim(limit: 1, lease: .seconds(30))).first)
        var end = finish(leased, .succeed, failure: nil)
        end.outputs = [
            OutputIntent(
                step: "slack.postMessage#1", connection: "slack", operation: "postMessage",
                effectClass: .atLeastOnce, input: Array("{}".utf8), fingerprint: [1],
                idempotencyKey: "h1_\(delivery)", keyWindow: nil, delay: .zero, startNow: true)
        ]
        guard case .finished(let outputs) = try await queue.finishRun(end), let output = outputs.first else {
            throw RawHTTPError(code: 0)
        }
        _ = try await queue.finishOutput(
            OutputFinish(
                effect: output.effect.id, fence: output.fence, decision: decision, counters: output.counters,
                attempt: nil, state: state,
                failure: CallFailure(
                    code: "refused", message: "no channel '#\(delivery)'", isRetryable: false, outcome: .definite)))
        return output.effect.id
    }

    private func finish(_ leased: LeasedRun, _ decision: WorkDecision, failure: AttemptFailure?) -> RunFinish {
        RunFinish(
            run: leased.run.id, fence: leased.fence, decision: decision,
            counters: leased.run.counters.counting(failure?.kind),
            attempt: Attempt(ordinal: 1, startedAt: clock.now(), took: .zero, failure: failure),
            version: leased.run.version)
    }

    func preview(_ document: JSON) async throws -> JSON {
        try #require(try await ask("POST", "/v1/bulk/preview", document).json)
    }

    func step(_ document: JSON) async throws -> JSON {
        try #require(try await ask("POST", "/v1/bulk/step", document).json)
    }
}
