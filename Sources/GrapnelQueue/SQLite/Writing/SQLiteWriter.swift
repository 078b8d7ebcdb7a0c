import GRDBSQLite
import GrapnelCore

/// The writing end of the database: prepared statements on the one connection that writes. It lives on the writer
/// thread and is used by no other.
///
/// A verb decides before its first change wherever it can, so that a refusal leaves nothing to undo.
final class SQLiteWriter {
    let connection: OpaquePointer
    let clock: any HubClock
    /// What leases are measured by.
    let leaseClock: LeaseClock
    let ids: IdentifierGenerator
    let limits: QueueLimits
    /// The number of this opening of the database; leases of earlier ones are lost.
    let epoch: Int64

    let requests: RequestTable
    let events: EventTable
    let dedupe: DedupeTable
    let runs: RunTable
    let effects: EffectTable
    let outcomes: OutcomeTable
    let attempts: AttemptTable
    let keyValues: KeyValueTable
    let replies: ReplyTable
    let rejections: RejectionTable
    let schedules: ScheduleTable
    let quarantines: QuarantineTable
    let credentials: CredentialTable
    let parked: ParkedWork
    let putOff: PutOffWork
    let lanes: LaneTable
    let outputLines: OutputLineTable
    let rates: RateTable
    let gatherings: GatheringTable
    let pauses: PauseTable
    let health: ConnectionHealthTable
    let origins: OriginTable
    let sourceBytes: SourceBytesTable
    let cancelRequests: CancelRequestTable

    /// What the open transaction changes about the kept counters.
    var counters = CounterDeltas()
    /// Whether the open transaction made something wait for its time or for a node.
    var hasMadeWork = false
    /// Whether the log is to be emptied, so that nothing of what was erased is left in it.
    var wantsEmptyLog = false
    /// Which recipe had the last turn of a claim, among those of a priority.
    var claimPlaces: [Int: String] = [:]
    /// Where pruning goes on.
    var pruningCursor = PruningCursor()
    /// Where the sweep of expired delivery ids goes on.
    var sweepingPlace = DedupeTable.Place()

    private let counterTable: CounterTable
    private let beginning: Statement
    private let committing: Statement
    private let rollingBack: Statement
    private let savepoint: Statement
    private let releasing: Statement
    private let undoing: Statement

    init(
        _ connection: OpaquePointer, epoch: Int64, clock: any HubClock, ids: IdentifierGenerator, limits: QueueLimits
    ) throws {
        self.connection = connection
        self.epoch = epoch
        self.clock = clock
        leaseClock = LeaseClock(clock)
        self.ids = ids
        self.limits = limits
        requests = try RequestTable(connection)
        events = try EventTable(connection)
        dedupe = try DedupeTable(connection)
        runs = try RunTable(connection)
        effects = try EffectTable(connection)
        outcomes = try OutcomeTable(connection)
        attempts = try AttemptTable(connection)
        keyValues = try KeyValueTable(connection)
        replies = try ReplyTable(connection)
        rejections = try RejectionTable(connection)
        schedules = try ScheduleTable(connection)
        quarantines = try QuarantineTable(connection)
        credentials = try CredentialTable(connection)
        parked = try ParkedWork(connection)
        putOff = try PutOffWork(connection)
        lanes = try LaneTable(connection)
        outputLines = try OutputLineTable(connection)
        rates = try RateTable(connection)
        gatherings = try GatheringTable(connection)
        pauses = try PauseTable(connection)
        health = try ConnectionHealthTable(connection)
        origins = try OriginTable(connection)
        sourceBytes = try SourceBytesTable(connection)
        cancelRequests = try CancelRequestTable(connection)
        counterTable = try CounterTable(connection)
        beginning = try Statement("BEGIN IMMEDIATE", on: connection)
        committing = try Statement("COMMIT", on: connection)
        rollingBack = try Statement("ROLLBACK", on: connection)
        savepoint = try Statement("SAVEPOINT one", on: connection)
        releasing = try Statement("RELEASE one", on: connection)
        undoing = try Statement("ROLLBACK TO one", on: connection)
    }

    // MARK: Transactions

    /// How many rows were changed so far: tells whether a refused write left something behind.
    var changes: Int64 { Connection.totalChanges(connection) }

    func begin() throws {
        counters = CounterDeltas()
        hasMadeWork = false
        try beginning.run()
    }

    /// Commits; on disk when it returns.
    func commit() throws {
        try counterTable.add(counters)
        for (source, bytes) in counters.sourceBytes { try sourceBytes.add(bytes, to: source) }
        CrashPoint.beforeCommit.pass()
        try committing.run()
        CrashPoint.afterCommit.pass()
    }

    /// Ends the transaction, if SQLite has not done so itself.
    func rollBack() throws {
        pauses.forget()
        guard Connection.isInTransaction(connection) else { return }
        try rollingBack.run()
    }

    /// Runs `body` so that all of it or none of it takes place within the transaction.
    func undoingOnError<Value>(_ body: () throws -> Value) throws -> Value {
        let (counters, hasMadeWork) = (counters, hasMadeWork)
        try savepoint.run()
        do {
            let value = try body()
            try releasing.run()
            return value
        } catch {
            self.counters = counters
            self.hasMadeWork = hasMadeWork
            pauses.forget()
            if Connection.isInTransaction(connection) {
                try undoing.run()
                try releasing.run()
            }
            throw error
        }
    }

    // MARK: Changes that verbs share

    /// Moves a run from the state in which it was read; `run` carries its new counters, version and error.
    ///
    /// Every move goes this way, because the line of its key goes on with it. A run that a person cancelled while it was
    /// leased is cancelled now, wherever the end of its attempt would put it.
    func place(_ run: Run, _ decided: WorkPlacement) throws {
        var placement = decided
        if run.state == .leased, try cancelRequests.take(run.id) {
            placement = WorkPlacement(cancelledAt: clock.now())
        }
        if placement.isWaiting, run.lane != nil, try isBehind(run) {
            placement.state = .scheduled
            placement.dueAt = .never
        }
        try runs.place(run, placement)
        counters.moveRun(from: run.state, to: placement.state)
        if placement.isWaiting { hasMadeWork = true }
        guard let lane = run.lane, let line = LaneTable.Line(run) else { return }
        try advance(line, lane, isOver: placement.state.isTerminal, now: clock.now())
    }

    /// Writes back an outcome, and counts what changed.
    ///
    /// Every move of an output goes this way, because the line of its key goes on with it. One that a person cancelled
    /// while it was leased is not sent again; what became of this sending stays true.
    func update(_ old: Outcome, to decided: Outcome) throws {
        var new = decided
        if old.delivery == .leased, new.delivery != .leased, try cancelRequests.take(old.effect),
            new.delivery?.isTerminal == false
        {
            new.place(WorkPlacement(cancelledAt: clock.now()))
        }
        try lineUp(&new, from: old)
        try outcomes.update(new)
        if old.state != new.state { counters.moveEffect(from: old.state, to: new.state) }
        if let before = old.delivery, let after = new.delivery, before != after {
            counters.moveOutput(from: before, to: after)
        }
        if new.maybeDuplicate && !old.maybeDuplicate { counters.add(.maybeDuplicates) }
        if new.dueAt != nil { hasMadeWork = true }
        guard let line = OutputLineTable.Line(new), new.delivery?.isTerminal == true else { return }
        try advance(line, now: clock.now())
    }

    /// Stores a new effect and its outcome, and counts them.
    func insert(_ effect: Effect, event: Identifier<Event>, outcome decided: Outcome) throws {
        var outcome = decided
        try lineUp(&outcome, from: nil)
        try effects.insert(effect, event: event)
        try outcomes.insert(outcome)
        counters.add(.effect(outcome.state))
        if let delivery = outcome.delivery { counters.add(.output(delivery)) }
        if outcome.maybeDuplicate { counters.add(.maybeDuplicates) }
        if outcome.dueAt != nil { hasMadeWork = true }
    }
}
