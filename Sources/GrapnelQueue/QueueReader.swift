package import GrapnelCore

/// Everything that looks at the queue: the read half of the storage seam. Reads never wait for writes.
///
/// Lists come newest first, in pages. All throw `QueueError`.
package protocol QueueReader: Sendable {
    func event(_ id: Identifier<Event>) async throws -> StoredEvent?
    func events(_ query: EventQuery) async throws -> [StoredEvent]
    /// The request that an event came in by, with its verdict.
    func request(_ id: Identifier<InboundRequest>) async throws -> StoredRequest?
    func requests(_ query: RequestQuery) async throws -> [StoredRequest]
    func rejections(_ query: RequestQuery) async throws -> [RejectedRequest]
    /// A request that was rejected, while it is kept.
    func rejection(_ id: Identifier<InboundRequest>) async throws -> RejectedRequest?
    /// A run with its attempts and the effects of its origin.
    func run(_ id: Identifier<Run>) async throws -> RunDetail?
    func runs(_ query: RunQuery) async throws -> [Run]
    func effect(_ id: Identifier<Effect>) async throws -> EffectDetail?
    /// The ledger row of (origin, step).
    func effect(origin: Identifier<Run>, step: String) async throws -> Effect?
    func effects(_ query: EffectQuery) async throws -> [EffectDetail]
    /// The answer recorded for an event that a recipe replied to.
    func reply(to event: Identifier<Event>) async throws -> HTTPReply?
    /// The runs of an event, oldest first.
    func runs(of event: Identifier<Event>) async throws -> [Run]
    func keyValue(tenant: TenantID, recipe: String, key: String) async throws -> KeyValueEntry?
    /// Entries whose key starts with `prefix`, in the order of their keys.
    func keyValues(tenant: TenantID, recipe: String, prefix: String, limit: Int) async throws -> [KeyValueEntry]
    /// Everything that is paused.
    func pauses() async throws -> [Pause]
    /// How connections fare, as it was last recorded.
    func connectionHealth() async throws -> [ConnectionHealth]
    /// Kept counters; never a scan.
    func counts() async throws -> QueueCounts
    /// When the work that is not leased and has waited longest was due, or the next is; `nil` when nothing waits.
    func oldestDue() async throws -> Timestamp?
    /// When the next scheduled run or output is due; `nil` when none is.
    func nextDue() async throws -> Timestamp?
    /// Yields whenever work may have become ready; coalesced, so a slow listener misses nothing but repeats.
    func readiness() -> AsyncStream<Void>
}
