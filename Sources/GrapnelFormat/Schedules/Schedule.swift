package import GrapnelCore
import GrapnelCrypto

/// An entry of `on:` that time itself fulfils.
package struct Schedule: Sendable, Hashable {
    package enum Occurrence: Sendable, Hashable {
        /// `schedule:` with `timezone:`.
        case repeating(CronExpression, in: TimeZoneRules)
        /// `at:`.
        case once(Timestamp)
    }

    /// `catch_up:`: what becomes of ticks that came while the hub did not run.
    package enum CatchUp: String, Sendable, Hashable, CaseIterable {
        /// They are passed over.
        case none
        /// The last of them runs, once. The default.
        case latest
    }

    /// Missed ticks are counted up to here. 1,000.
    package static let mostCounted = 1000

    package let occurrence: Occurrence
    package let catchUp: CatchUp
    /// What tells it from other schedules of its recipe, for as long as it says the same.
    package let key: String

    package init(_ occurrence: Occurrence, catchUp: CatchUp = .latest) {
        self.occurrence = occurrence
        self.catchUp = catchUp
        let digest = Digest.hash("\(Schedule.expression(occurrence)) \(Schedule.timezone(occurrence))", .sha256)
        key = Hex.encode(Array(digest.prefix(8)))
    }

    /// The expression, or the moment.
    package var expression: String { Schedule.expression(occurrence) }

    package var timezone: String { Schedule.timezone(occurrence) }

    private static func expression(_ occurrence: Occurrence) -> String {
        switch occurrence {
        case .repeating(let cron, _): cron.description
        case .once(let moment): moment.description
        }
    }

    private static func timezone(_ occurrence: Occurrence) -> String {
        switch occurrence {
        case .repeating(_, let zone): zone.name
        case .once: TimeZoneRules.utc.name
        }
    }

    /// The next tick after `moment`; `nil` when none comes any more.
    package func next(after moment: Timestamp) -> Timestamp? {
        switch occurrence {
        case .repeating(let cron, let zone): cron.next(after: moment, in: zone)
        case .once(let once): once > moment ? once : nil
        }
    }

    /// The last tick after `moment` that has come by `now`; `nil` when none has.
    package func due(after moment: Timestamp, by now: Timestamp) -> DueTick? {
        guard var last = next(after: moment), last <= now else { return nil }
        var missed = 0
        while let following = next(after: last), following <= now {
            missed += 1
            last = following
            if missed == Schedule.mostCounted { return DueTick(at: latest(by: now) ?? last, missed: missed) }
        }
        return DueTick(at: last, missed: missed)
    }

    /// The last tick by `now`, looked for in ever longer times before it: a hub that stood still for years need not
    /// go through every second of them.
    private func latest(by now: Timestamp) -> Timestamp? {
        let windows: [Duration] = [
            .seconds(60), .seconds(3600), .seconds(86_400), .seconds(35 * 86_400), .seconds(400 * 86_400),
            .seconds(10 * 400 * 86_400),
        ]
        for window in windows {
            guard var last = next(after: now - window), last <= now else { continue }
            while let following = next(after: last), following <= now { last = following }
            return last
        }
        return nil
    }
}
