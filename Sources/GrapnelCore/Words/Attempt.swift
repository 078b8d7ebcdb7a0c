/// One try of a run or of an output, as it is kept.
package struct Attempt: Sendable, Hashable {
    /// 1 is the first.
    package var ordinal: Int
    package var startedAt: Timestamp
    package var took: Duration
    /// How it failed; `nil` when it succeeded.
    package var failure: AttemptFailure?
    /// The version that ran; `nil` for an output.
    package var version: RecipeVersion?
    /// Whether the isolate was new for this run; `nil` for an output.
    package var coldStart: Bool?
    /// The vendor's status; `nil` for a run.
    package var status: Int?
    package var log: [LogLine]

    package init(
        ordinal: Int, startedAt: Timestamp, took: Duration, failure: AttemptFailure?, version: RecipeVersion? = nil,
        coldStart: Bool? = nil, status: Int? = nil, log: [LogLine] = []
    ) {
        self.ordinal = ordinal
        self.startedAt = startedAt
        self.took = took
        self.failure = failure
        self.version = version
        self.coldStart = coldStart
        self.status = status
        self.log = log
    }
}
