/// Why a run or an output gave up.
package enum DeadReason: String, Sendable, Hashable, CaseIterable {
    /// It used up its attempts, or lost its lease too often.
    case exhausted
    /// The handler discarded it, or the vendor refused for good.
    case rejected
    /// It killed its isolate three times.
    case poison
    /// A repeated step asked for something else than the recorded one.
    case nondeterministic
    /// It was too old to be worth doing.
    case expired
    /// A human dropped its effect.
    case dropped
}
