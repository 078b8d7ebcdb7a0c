package import GrapnelCore

/// Everything that changes the queue: the write half of the storage seam. Every engine passes the conformance suite
/// (`QueueConformance`), and nothing above this protocol knows which engine is below.
///
/// Each verb is one commit, on disk before it returns. Verbs that follow a claim carry its fence and change nothing
/// when the fence is no longer theirs.
///
/// All throw `QueueError`.
package protocol QueueWriter: Sendable {
    /// Stores a request, its events, their delivery ids, and a run for each recipe that wants them, in one commit.
    func accept(_ request: AcceptedRequest) async throws -> AcceptedResult

    /// Keeps a rejected request for the operator, in a bounded list.
    func record(_ rejection: RejectedRequest) async throws

    /// Leases due runs, oldest due first.
    func claimRuns(_ claim: RunClaim) async throws -> [LeasedRun]

    /// Leases due outputs, oldest due first, and marks their effects `in_flight`; those whose outcome is unknown and
    /// whose class forbids another sending are parked instead.
    func claimOutputs(_ claim: OutputClaim) async throws -> [LeasedOutput]

    /// Prolongs leases; returns the runs and outputs whose fence is no longer this node's.
    func extendLeases(_ extension: LeaseExtension) async throws -> LostLeases

    /// Records that a call is about to be sent: intent and begin in one commit. The row goes to `in_flight` only from
    /// nothing or from the state that the caller has seen and decided on.
    func beginCall(_ beginning: CallBeginning) async throws -> CallBeginningResult

    /// Records the outcome of a call. Applies also after the run's lease was lost, as long as no later sending began.
    func settleCall(_ settlement: CallSettlement) async throws

    /// Ends an attempt of a run: its new state, its attempt row and log, and, when it succeeded, its outputs, writes of
    /// its store, result and reply, in one commit. One that broke its sandbox puts its version in quarantine by the
    /// same commit.
    func finishRun(_ finish: RunFinish) async throws -> RunFinishResult

    /// Ends an attempt of an output: the effect's new state and the output's, in one commit. `false` when the fence
    /// was lost: then nothing changed.
    func finishOutput(_ finish: OutputFinish) async throws -> Bool

    /// Returns work whose lease has expired, or belonged to an earlier boot of this hub, to the queue. Effects that
    /// were in flight become `unknown`.
    func rescue(_ rescue: LeaseRescue) async throws -> LeaseRescueReport

    /// Makes a new run of the event of a finished one.
    func replay(_ replay: RunReplay) async throws -> Identifier<Run>

    /// Applies what a human decided about an effect whose outcome is unknown, and wakes or ends what waited for it.
    func resolve(_ resolution: EffectResolution) async throws -> Effect

    /// Starts the runs of a conflicting event that a person has released.
    func release(_ release: ConflictRelease) async throws -> [Identifier<Run>]

    /// Writes keys of a recipe's store at once; all of them, or none when an expected version does not match.
    func writeKeyValues(_ batch: KeyValueBatch) async throws -> KeyValueBatchResult

    /// Takes on which schedules there are; returns how far each has come.
    func align(_ alignment: ScheduleAlignment) async throws -> [ScheduleMark]

    /// Records that a tick of a schedule came, with its event and its run, in one commit. `nil` when it, or a later
    /// one, is recorded already: then nothing changed.
    func tick(_ tick: ScheduleTick) async throws -> AcceptedResult?

    /// Makes a bounded number of parked runs or outputs ready whose reason has gone; call again until it reports that
    /// nothing is left.
    func wake(_ wake: ParkedWake) async throws -> StepReport

    /// Lets a run start now that waits for its time, or is parked for another reason than an unknown effect.
    func retry(_ run: Identifier<Run>) async throws

    /// Gives runs that wait or are parked another version, a bounded number of them; call again until it reports that
    /// nothing is left.
    func move(_ move: RunMove) async throws -> StepReport

    /// Makes a bounded number of retries ready that a wrong clock has put off; call again until it reports that nothing
    /// is left.
    func recall(_ recall: RetryRecall) async throws -> StepReport

    /// Releases the versions of a recipe that are in quarantine; how many there were.
    func liftQuarantine(of recipe: String, tenant: TenantID) async throws -> Int

    /// Keeps a digest of each connection's credentials, to know when they change.
    func keepCredentials(_ fingerprints: [String: [UInt8]]) async throws

    /// Deletes a bounded number of expired rows; call again until it reports that nothing is left.
    func prune(_ pruning: Pruning) async throws -> PruningReport
}
