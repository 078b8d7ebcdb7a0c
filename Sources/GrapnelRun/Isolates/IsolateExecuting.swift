package import GrapnelCore

/// Runs jobs in isolates. `IsolatePool` is the one that does; a test of the dispatcher brings its own.
package protocol IsolateExecuting: Sendable {
    /// Runs `job` in an isolate that is warm for its version or new, waiting for a free one when there is none.
    ///
    /// Never throws: whatever becomes of the isolate is in the outcome. When the calling task is cancelled the
    /// isolate is killed and the outcome is a failure of kind `handedBack`.
    func execute(_ job: IsolateJob, host: any IsolateHost) async -> IsolateOutcome

    /// Kills what is warm for a version that is no longer active; runs under way finish first.
    func retire(version: RecipeVersion)
}
