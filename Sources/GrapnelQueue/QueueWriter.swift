package import GrapnelCore

/// Everything that changes the queue: the write half of the storage seam. Every engine passes the conformance suite
/// (`QueueConformance`), and nothing above this protocol knows which engine is below.
///
/// Each verb is one commit, on disk before it returns. Verbs that follow a claim carry its fence and change nothing
/// when the fence is no longer theirs.
///
/// All throw `QueueError`.
package protocol QueueWriter: Sendable {
    /// Stores a request, its events, their delivery ids, and a run for each recipe that wants them, in one commit. A run
    /// stands where its flow puts it: leased, due, held by its line, or gathered into a run that waits.
    func accept(_ request: AcceptedRequest) async throws -> AcceptedResult

    /// Keeps a rejected request for the operator, in a bounded list.
    func record(_ rejection: RejectedRequest) async throws

    /// Leases due runs: recipes take turns, each with its oldest due first.
    func claimRuns(_ claim: RunClaim) async throws -> [LeasedRun]

    /// Leases due outputs, oldest due first, and marks their effects `in_flight`; those whose outcome is unknown and
    /// whose class forbids another sending are parked instead.
    func claimOutputs(_ claim: OutputClaim) async throws -> [LeasedOutput]

    /// Prolongs leases; returns the runs and outputs whose fence is no longer this node's, and the runs to stop because
    /// a person has cancelled them.
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

    /// Makes new runs of the events of finished ones: for each the new run, or why there is none. All in one commit.
    func replay(_ replays: [RunReplay]) async throws -> [Result<Identifier<Run>, QueueError>]

    /// Applies what a human decided about effects whose outcome is unknown, and wakes or ends what waited for them: for
    /// each the effect, or why nothing changed. All in one commit.
    func resolve(_ resolutions: [EffectResolution]) async throws -> [Result<Effect, QueueError>]

    /// Ends runs and deliveries that a person no longer wants: what waits or is parked at once, what is leased when its
    /// attempt ends. What is over stays as it is.
    func cancel(_ cancellation: Cancellation) async throws -> CancellationReport

    /// Starts the runs of a conflicting event that a person has released.
    func release(_ release: ConflictRelease) async throws -> [Identifier<Run>]

    /// Writes keys of a recipe's store at once; all of them, or none when an expected version does not match.
    func writeKeyValues(_ batch: KeyValueBatch) async throws -> KeyValueBatchResult

    /// Takes on which schedules there are; returns how far each has come.
    func align(_ alignment: ScheduleAlignment) async throws -> [ScheduleMark]

    /// Records that a tick of a schedule came, with its event and its run, in one commit. `nil` when it, or a later
    /// one, is recorded already: then nothing changed.
    func tick(_ tick: ScheduleTick) async throws -> AcceptedResult?

    /// Makes a bounded number of parked runs or outputs ready whose reason has gone, in the order of their making; call again until it reports that
    /// nothing is left.
    func wake(_ wake: ParkedWake) async throws -> StepReport

    /// Lets a run start now that waits for its time, or is parked for another reason than an unknown effect.
    func retry(_ run: Identifier<Run>) async throws

    /// Gives runs that wait or are parked another version, a bounded number of them; call again from where it stopped.
    func move(_ move: RunMove) async throws -> RunMoveReport

    /// Brings back a bounded number of runs and outputs that a wrong clock has put off; call again until it reports that
    /// nothing is left.
    func recall(_ recall: Recall) async throws -> StepReport

    /// Releases the versions of a recipe that are in quarantine; how many there were.
    func liftQuarantine(of recipe: String, tenant: TenantID) async throws -> Int

    /// Keeps a digest of each connection's credentials, to know when they change: nothing parks any more because other
    /// ones were refused.
    ///
    /// - Parameter woken: Whether all is awake that waited for these. Until then they are not among
    ///   `QueueReader.credentialFingerprints`.
    func keepCredentials(_ fingerprints: [String: [UInt8]], woken: Bool) async throws

    /// Pauses a source, a recipe or a connection, for good and over restarts; returns the pause that stands, which is the
    /// earlier one when there was one.
    ///
    /// Of a paused source, new runs are parked (`sourcePaused`). The runs of a paused recipe and the outputs of a paused
    /// connection are not claimed, nor leased as they are stored; its calls do not begin.
    func pause(_ order: PauseOrder) async throws -> Pause

    /// Wakes a bounded number of the runs that wait for the end of a pause, in the order in which they were accepted;
    /// call again while it reports that there are more. The last step ends the pause; of a connection the first, since
    /// who is woken calls it.
    func resume(_ resumption: Resumption) async throws -> StepReport

    /// Keeps how a connection fares, in place of what was kept of it before.
    func record(_ health: ConnectionHealth) async throws

    /// Deletes a bounded number of expired rows; call again until it reports that nothing is left.
    func prune(_ pruning: Pruning) async throws -> PruningReport

    /// Gives a bounded amount of free space back to the disk; call again until it reports that nothing is left.
    func reclaim(_ reclaim: SpaceReclaim) async throws -> SpaceReport

    /// Erases what `QueueReader.findErasable` found, but for what belongs to work that is not over; keeps a record of it.
    /// Returns how many rows were changed or deleted.
    func erase(_ erasure: Erasure) async throws -> Int

    /// Begins a restore epoch: effects that may have been sent after the backup become `unknown`, and so does what runs
    /// that were under way send from now on and the ledger does not hold.
    func restored(_ mark: RestoreMark) async throws -> RestoreReport
}

extension QueueWriter {
    /// Makes a new run of the event of a finished one.
    package func replay(_ replay: RunReplay) async throws -> Identifier<Run> {
        try await self.replay([replay]).only().get()
    }

    /// Applies what a human decided about one effect.
    package func resolve(_ resolution: EffectResolution) async throws -> Effect {
        try await resolve([resolution]).only().get()
    }
}

extension Array {
    /// The result of the only one that was asked for.
    fileprivate func only() throws(QueueError) -> Element {
        guard let first else { throw QueueError(.unusable, "the queue gave no answer: update Grapnel") }
        return first
    }
}
