package import GrapnelCore

/// A conflicting event that a person lets run.
package struct ConflictRelease: Sendable {
    package var event: Identifier<Event>
    /// The runs to make; none is leased.
    package var runs: [AcceptedRequest.NewRun]

    package init(event: Identifier<Event>, runs: [AcceptedRequest.NewRun]) {
        self.event = event
        self.runs = runs
    }
}
