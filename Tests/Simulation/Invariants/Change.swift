/// One change of a row: what was committed, whoever did it.
struct Change {
    enum Kind: Int64 {
        case runMade, runChanged, runDeleted, outcomeMade, outcomeChanged, outcomeDeleted, eventMade, eventDeleted
        case resultMade, outputMade, pauseMade, pauseEnded, cancelAsked, memberMade
        case quarantineMade, quarantineEnded
    }

    var kind: Kind
    /// The identity of the row, in hexadecimal digits.
    var id: String
    var oldState: Int64?
    var state: Int64?
    var oldFence: Int64
    var fence: Int64
    var oldAttempts: Int64
    var attempts: Int64
    var oldLosses: Int64
    var losses: Int64
    var oldDeaths: Int64
    var deaths: Int64
    var oldDueAt: Int64?
    var dueAt: Int64?
    var oldLeaseUntil: Int64?
    var oldLeaseEpoch: Int64?
    var deadReason: Int64?
    var text: String?
    var oldEffect: Int64?
    /// Of a pause its kind, of a run why it is parked.
    var effect: Int64?
    /// Of an event its depth.
    var sends: Int64
    var isMarked: Bool
    /// Of a run its origin, of an outcome its connection, of an event the one that it is in conflict with.
    var other: String?
    /// The event of a run, or of a member of a batch; of an event the run that emitted it.
    var event: String?
    var tenant: String?

    /// The states of `WorkState` as they are stored.
    static let leased: Int64 = 2
    static let succeeded: Int64 = 3
    static let dead: Int64 = 4
    static let parked: Int64 = 5
    static let cancelled: Int64 = 6

    /// The place of `connectionUnauthorized` among the stored reasons to be parked.
    static let unauthorized: Int64 = 2

    static func isTerminal(_ state: Int64?) -> Bool { state == 3 || state == 4 || state == 6 }

    /// Whether it waits, runs or is parked.
    static func isLiving(_ state: Int64?) -> Bool { state != nil && !isTerminal(state) }

    /// Whether the row comes under a lease by this change.
    var isTaken: Bool { state == Change.leased && oldState != Change.leased }
}
