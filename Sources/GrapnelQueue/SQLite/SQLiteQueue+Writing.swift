package import GrapnelCore
import Synchronization

extension SQLiteQueue {
    package func accept(_ request: AcceptedRequest) async throws -> AcceptedResult {
        let headers = request.request.headers.encoded
        let values = request.events.reduce(0) { $0 + 256 + ($1.event.value?.count ?? 0) }
        let bytes = 512 + headers.count + request.request.body.count + values
        return try await write(bytes: bytes) { try $0.accept(request, headers: headers) }
    }

    package func record(_ rejection: RejectedRequest) async throws {
        var kept = rejection
        kept.request.body = Array(rejection.request.body.prefix(limits.rejectedBody.bytes))
        let rejection = kept
        try await write(bytes: 512 + rejection.request.body.count) { try $0.record(rejection) }
    }

    package func claimRuns(_ claim: RunClaim) async throws -> [LeasedRun] {
        let now = clock.now()
        let claimed = try await write { try $0.claimRuns(claim, now: now) }
        guard !claimed.isEmpty else { return [] }
        // What is leased must reach its caller even when that is cancelled meanwhile: else it waits for its lease to
        // end.
        return try await Task { try await self.leasedRuns(claimed) }.value
    }

    package func claimOutputs(_ claim: OutputClaim) async throws -> [LeasedOutput] {
        let now = clock.now()
        let claimed = try await write { try $0.claimOutputs(claim, now: now) }
        guard !claimed.isEmpty else { return [] }
        // As above: what is leased must reach its caller.
        return try await Task { try await self.leasedOutputs(claimed) }.value
    }

    package func extendLeases(_ extension: LeaseExtension) async throws -> LostLeases {
        let leases = `extension`
        return try await write { try $0.extendLeases(leases) }
    }

    package func beginCall(_ beginning: CallBeginning) async throws -> CallBeginningResult {
        try await write(bytes: 512 + beginning.effect.input.count) { try $0.beginCall(beginning) }
    }

    package func settleCall(_ settlement: CallSettlement) async throws {
        try await write(bytes: 512 + (settlement.output?.count ?? 0)) { try $0.settleCall(settlement) }
    }

    package func finishRun(_ finish: RunFinish) async throws -> RunFinishResult {
        let outputs = finish.outputs.reduce(0) { $0 + 512 + $1.input.count }
        let values = finish.keyValues.reduce(0) { $0 + 128 + ($1.value?.count ?? 0) }
        let emitted = finish.emitted.reduce(0) { $0 + 1024 + $1.request.body.count }
        let log = finish.attempt?.log.reduce(0) { $0 + 64 + $1.message.utf8.count } ?? 0
        let bytes =
            512 + outputs + values + emitted + log + (finish.result?.count ?? 0) + (finish.reply?.body.count ?? 0)
        return try await write(bytes: bytes) { try $0.finishRun(finish) }
    }

    package func finishOutput(_ finish: OutputFinish) async throws -> Bool {
        try await write(bytes: 512 + (finish.output?.count ?? 0)) { try $0.finishOutput(finish) }
    }

    package func rescue(_ rescue: LeaseRescue) async throws -> LeaseRescueReport {
        try await write { try $0.rescue(rescue) }
    }

    package func replay(_ replays: [RunReplay]) async throws -> [Result<Identifier<Run>, QueueError>] {
        try await write(bytes: 512 * (1 + replays.count)) { try $0.replay(replays) }
    }

    package func resolve(_ resolutions: [EffectResolution]) async throws -> [Result<Effect, QueueError>] {
        let bytes = resolutions.reduce(512) { $0 + 512 + ($1.output?.count ?? 0) }
        return try await write(bytes: bytes) { try $0.resolve(resolutions) }
    }

    package func cancel(_ cancellation: Cancellation) async throws -> CancellationReport {
        try await write(bytes: 512 + 64 * (cancellation.runs.count + cancellation.outputs.count)) {
            try $0.cancel(cancellation)
        }
    }

    package func release(_ release: ConflictRelease) async throws -> [Identifier<Run>] {
        try await write { try $0.release(release) }
    }

    package func writeKeyValues(_ batch: KeyValueBatch) async throws -> KeyValueBatchResult {
        let values = batch.writes.reduce(0) { $0 + 128 + ($1.value?.count ?? 0) }
        return try await write(bytes: 512 + values) { try $0.writeKeyValues(batch) }
    }

    package func align(_ alignment: ScheduleAlignment) async throws -> [ScheduleMark] {
        try await write { try $0.align(alignment) }
    }

    package func tick(_ tick: ScheduleTick) async throws -> AcceptedResult? {
        let headers = tick.accepted?.request.headers.encoded ?? []
        return try await write(bytes: 1024 + headers.count) { try $0.tick(tick, headers: headers) }
    }

    package func wake(_ wake: ParkedWake) async throws -> StepReport {
        try await write { try $0.wake(wake) }
    }

    package func retry(_ run: Identifier<Run>) async throws {
        try await write { try $0.retry(run) }
    }

    package func move(_ move: RunMove) async throws -> RunMoveReport {
        try await write { try $0.move(move) }
    }

    package func recall(_ recall: Recall) async throws -> StepReport {
        try await write { try $0.recall(recall) }
    }

    package func liftQuarantine(of recipe: String, tenant: TenantID) async throws -> Int {
        try await write { try $0.liftQuarantine(of: recipe, tenant: tenant) }
    }

    package func keepCredentials(_ fingerprints: [String: [UInt8]], woken: Bool) async throws {
        try await write { try $0.keepCredentials(fingerprints, woken: woken) }
    }

    package func pause(_ order: PauseOrder) async throws -> Pause {
        try await write { try $0.pause(order) }
    }

    package func resume(_ resumption: Resumption) async throws -> StepReport {
        try await write { try $0.resume(resumption) }
    }

    package func record(_ health: ConnectionHealth) async throws {
        try await write { try $0.health.replace(health) }
    }

    package func prune(_ pruning: Pruning) async throws -> PruningReport {
        try await write { try $0.prune(pruning) }
    }

    package func reclaim(_ reclaim: SpaceReclaim) async throws -> SpaceReport {
        try await write { try $0.reclaim(reclaim) }
    }

    package func erase(_ erasure: Erasure) async throws -> Int {
        try await write { try $0.erase(erasure) }
    }

    package func restored(_ mark: RestoreMark) async throws -> RestoreReport {
        try await write { try $0.restored(mark) }
    }
}
