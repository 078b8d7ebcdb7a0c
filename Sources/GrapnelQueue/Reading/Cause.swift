package import GrapnelCore

/// One link of what led to an event: a run that emitted, and the event that it handled.
package struct Cause: Sendable, Hashable {
    package var run: Run
    package var event: Event

    package init(run: Run, event: Event) {
        self.run = run
        self.event = event
    }
}

extension QueueReader {
    /// The most links that are followed. 64: a chain is no longer, whatever `limits.depth` once was.
    private static var longestChain: Int { 64 }

    /// What led to an event, the nearest first; empty when no run emitted it, and cut off where the cause is no longer
    /// kept.
    package func causes(of event: Event) async throws -> [Cause] {
        var causes: [Cause] = []
        var next = event.cause
        while let id = next, causes.count < Self.longestChain, let run = try await run(id)?.run,
            let handled = try await self.event(run.event)?.event
        {
            causes.append(Cause(run: run, event: handled))
            next = handled.cause
        }
        return causes
    }
}
