package import GrapnelCore

/// What time it is for the signed times of one source: the wall clock's, but for one that was set back.
///
/// Who kept a request could wait until the clock is set back, and send it when it looks new. So a time that a vendor
/// confirmed, by a request that was accepted, is carried on by the monotonic clock, and a wall clock that says less does
/// not count. It may be the one that is right, and was ahead before: it counts again when for as long as `patience` all
/// that is signed fits it better than the carried time. One request of the vendor's own that fits the carried time
/// begins that anew.
///
/// Sources are judged apart, so that one whose clock is wrong, or whose secret got out, spoils no other's.
package struct ReplayClock: Sendable {
    /// By how much the wall clock may lag and still counts: it was corrected, not set back. 60 s.
    package static let correction = Duration.seconds(60)
    /// How long all that is signed must fit the wall clock before that counts again. 1 h.
    package static let patience = Duration.seconds(3600)

    /// What a signature has told of the two clocks.
    package enum Opinion: Sendable, Hashable {
        /// The carried time counts.
        case carried
        /// It does, and for the first time the wall clock is said to be right: worth a word to the operator.
        case doubted
        /// The wall clock counts from now on.
        case wall
    }

    /// The time that was confirmed last, and the monotonic time then.
    private var confirmed: (time: Timestamp, at: Duration)?
    /// Monotonic time since when all that is signed fits the wall clock better.
    private var doubtedSince: Duration?

    package init() {}

    /// The time to judge by.
    ///
    /// - Parameters:
    ///   - wall: Wall-clock time.
    ///   - monotonic: Monotonic time.
    package func now(wall: Timestamp, monotonic: Duration) -> Timestamp {
        guard let confirmed else { return wall }
        let carried = confirmed.time + (monotonic - confirmed.at)
        return carried - wall > ReplayClock.correction ? carried : wall
    }

    /// A request was accepted by the wall clock.
    package mutating func confirm(wall: Timestamp, monotonic: Duration) {
        confirmed = (wall, monotonic)
        doubtedSince = nil
    }

    /// A vendor signed at `time`, while the wall clock does not count.
    package mutating func weigh(_ time: Timestamp, wall: Timestamp, monotonic: Duration) -> Opinion {
        let carried = now(wall: wall, monotonic: monotonic)
        guard abs((time - wall).milliseconds) < abs((carried - time).milliseconds) else {
            doubtedSince = nil
            return .carried
        }
        guard let since = doubtedSince else {
            doubtedSince = monotonic
            return .doubted
        }
        guard monotonic - since >= ReplayClock.patience else { return .carried }
        confirm(wall: wall, monotonic: monotonic)
        return .wall
    }
}
