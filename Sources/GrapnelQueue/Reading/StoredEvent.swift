package import GrapnelCore

/// An event with what is known about its handling.
package struct StoredEvent: Sendable, Hashable {
    package var event: Event
    package var request: Identifier<InboundRequest>
    package var verdict: Verdict
    /// How many runs it has.
    package var runs: Int

    package init(event: Event, request: Identifier<InboundRequest>, verdict: Verdict, runs: Int) {
        self.event = event
        self.request = request
        self.verdict = verdict
        self.runs = runs
    }
}
