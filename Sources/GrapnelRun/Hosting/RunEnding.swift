package import GrapnelCore

/// The end of a run that something other than its handler decided.
package struct RunEnding: Sendable, Hashable {
    package var decision: WorkDecision
    package var failure: AttemptFailure

    package init(_ decision: WorkDecision, _ failure: AttemptFailure) {
        self.decision = decision
        self.failure = failure
    }
}
