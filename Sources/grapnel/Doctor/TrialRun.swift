import GrapnelCore
import GrapnelRun

/// The smallest run there is, to see that one can be had.
enum TrialRun {
    private struct Host: IsolateHost {
        func perform(_ operation: IsolateOperation, remaining: Duration) async -> IsolateAnswer { .text(nil) }
        func send(_ output: IsolateOutput) {}
        func log(_ line: LogLine) {}
    }

    static func execute(in pool: IsolatePool) async -> IsolateOutcome {
        let now = SystemClock().now()
        let event = Event(
            id: Identifier(high: 0, low: 1), tenant: .default, source: "doctor", type: "trial", deliveryID: nil,
            receivedAt: now, headers: HeaderFields(), query: "", raw: [], bodyKind: .absent)
        let limits = RunLimits(wall: .seconds(10))
        return await pool.execute(
            IsolateJob(
                tenant: .default, recipe: "doctor", version: RecipeVersion("trial"),
                source: Array("var __mod = { default: () => 1 }".utf8), run: Identifier(high: 0, low: 2), attempt: 1,
                event: event, isFresh: true, limits: limits),
            host: Host())
    }
}
