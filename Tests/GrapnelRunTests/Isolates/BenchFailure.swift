import GrapnelCore

/// A run that should have ended well.
struct BenchFailure: Error {
    let failure: AttemptFailure
}
