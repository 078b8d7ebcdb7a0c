package import GrapnelCore

/// Everything that looks at the queue: the read half of the storage seam. Reads never wait for writes.
///
/// Lists come newest first, in pages. A page looks at a bounded number of rows, whatever it finds among them, and says
/// where to go on. All throw `QueueError`.
package protocol QueueReader: Sendable {
    func event(_ id: Identifier<Event>) async throws -> StoredEvent?
    /// A page of the events that fit.
    func searchEvents(_ query: EventQuery) async throws -> SearchPage<StoredEvent, Event>
    /// The request that an event came in by, with its verdict.
    func request(_ id: Identifier<InboundRequest>) async throws -> StoredRequest?
    func requests(_ query: RequestQuery) async throws -> [StoredRequest]
    func rejections(_ query: RequestQuery) async throws -> [RejectedRequest]
    /// A request that was rejected, while it is kept.
    func rejection(_ id: Identifier<InboundRequest>) async throws -> RejectedRequest?
    /// A run with its attempts and the effects of its origin.
    func run(_ id: Identifier<Run>) async throws -> RunDetail?
    /// A page of the runs that fit.
    func searchRuns(_ query: RunQuery) async throws -> SearchPage<Run, Run>
    func effect(_ id: Identifier<Effect>) async throws -> EffectDetail?
    /// The ledger row of (origin, step).
    func effect(origin: Identifier<Run>, step: String) async throws -> Effect?
    /// A page of the effects that fit.
    func searchEffects(_ query: EffectQuery) async throws -> SearchPage<EffectDetail, Effect>
    /// What the ledger holds of these lines of replays, summed up by operation and state.
    func effectTallies(of origins: [Identifier<Run>]) async throws -> [EffectTally]
    /// The answer recorded for an event that a recipe replied to.
    func reply(to event: Identifier<Event>) async throws -> HTTPReply?
    /// The runs of an event, oldest first.
    func runs(of event: Identifier<Event>) async throws -> [Run]
    func keyValue(tenant: TenantID, recipe: String, key: String) async throws -> KeyValueEntry?
    /// Entries whose key starts with `prefix`, in the order of their keys.
    func keyValues(tenant: TenantID, recipe: String, prefix: String, limit: Int) async throws -> [KeyValueEntry]
    /// Looks for a person's value in a bounded number of rows; call again with `next` until there is none.
    func findErasable(_ scan: ErasureScan) async throws -> ErasureFindings
    /// What people did to what is kept, newest first.
    func audit(limit: Int) async throws -> [AuditRecord]
    /// How far every schedule has come.
    func scheduleMarks() async throws -> [ScheduleMark]
    /// Runs of a recipe that wait for a time that a person chose, the next one first.
    func plannedRuns(of recipe: String, limit: Int) async throws -> [Run]
    /// The versions of recipes that may not start.
    func quarantines() async throws -> [Quarantine]
    /// The digests of the connections' credentials that were kept, of those for which all is awake that waited for them.
    func credentialFingerprints() async throws -> [String: [UInt8]]
    /// Everything that is paused.
    func pauses() async throws -> [Pause]
    /// How connections fare, as it was last recorded.
    func connectionHealth() async throws -> [ConnectionHealth]
    /// Kept counters; never a scan.
    func counts() async throws -> QueueCounts
    /// When the work that is not leased and has waited longest was due, or the next is; `nil` when nothing waits.
    func oldestDue() async throws -> Timestamp?
    /// When the first run that is not due at `time` is; `nil` when none will be. What is due already is left out: who
    /// claims at `time`, or later, has seen it.
    func nextRunDue(after time: Timestamp) async throws -> Timestamp?
    /// The same of outputs.
    func nextOutputDue(after time: Timestamp) async throws -> Timestamp?
    /// Yields whenever work may have become ready; coalesced, so a slow listener misses nothing but repeats.
    func readiness() -> AsyncStream<Void>
}

extension QueueReader {
    /// The events that fit, up to the query's limit, however many rows must be looked at.
    package func events(_ query: EventQuery) async throws -> [StoredEvent] {
        var rest = query
        return try await all(query.limit) { (limit, next: Identifier<Event>?) in
            rest.limit = limit
            if let next { rest.before = next }
            return try await searchEvents(rest)
        }
    }

    /// The runs that fit, up to the query's limit, however many rows must be looked at.
    package func runs(_ query: RunQuery) async throws -> [Run] {
        var rest = query
        return try await all(query.limit) { (limit, next: Identifier<Run>?) in
            rest.limit = limit
            if let next { rest.go(on: next) }
            return try await searchRuns(rest)
        }
    }

    /// The effects that fit, up to the query's limit, however many rows must be looked at.
    package func effects(_ query: EffectQuery) async throws -> [EffectDetail] {
        var rest = query
        return try await all(query.limit) { (limit, next: Identifier<Effect>?) in
            rest.limit = limit
            if let next { rest.go(on: next) }
            return try await searchEffects(rest)
        }
    }

    private func all<Row, Subject>(
        _ limit: Int,
        _ page: (_ limit: Int, _ next: Identifier<Subject>?) async throws -> SearchPage<Row, Subject>
    ) async throws -> [Row] {
        var rows: [Row] = []
        var next: Identifier<Subject>?
        repeat {
            let found = try await page(max(limit, 1) - rows.count, next)
            rows += found.rows
            next = found.next
        } while next != nil && rows.count < limit
        return rows
    }
}
