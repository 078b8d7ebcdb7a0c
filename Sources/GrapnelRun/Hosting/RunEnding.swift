package import GrapnelCore

/// The end of a run that something other than its handler decided.
package struct RunEnding: Sendable, Hashable {
    package var decision: WorkDecision
    package var failure: AttemptFailure
    /// The connection that the run called.
    package var connection: String

    package init(_ decision: WorkDecision, _ failure: AttemptFailure, connection: String) {
        self.decision = decision
        self.failure = failure
        self.connection = connection
    }
}
