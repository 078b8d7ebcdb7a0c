import GrapnelCore

/// Why no version of a recipe can execute a run.
struct RunEndingError: Error {
    var failure: AttemptFailure
    /// What follows; `nil` lets the retry policy decide.
    var decision: WorkDecision?
}
