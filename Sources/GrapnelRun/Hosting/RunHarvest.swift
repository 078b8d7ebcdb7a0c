package import GrapnelCore

/// What a run left with its host when its handler ended.
package struct RunHarvest: Sendable {
    /// In program order.
    package var outputs: [OutputRequest] = []
    /// Events, in program order.
    package var emitted: [EventEmission] = []
    /// Whether it emitted an event although too many led to its own.
    package var isTooDeep = false
    package var keyValues: [KeyValueWrite] = []
    package var log: [LogLine] = []
    /// The paths of a recipe without code that led nowhere; `nil` of a handler.
    package var absences: [String]?
    /// Set when the run was ended from outside, such as by the ledger.
    package var ending: RunEnding?
    /// The last call or request that was not made, because nothing could come of it for a while.
    package var turnedAway: CallFailure?
    /// What the run asked for and may not: it fails, whatever the handler returned.
    package var refusal: AttemptFailure?
    /// Whether the lease was found lost: nothing may be written any more.
    package var isFenced = false

    package init() {}
}
