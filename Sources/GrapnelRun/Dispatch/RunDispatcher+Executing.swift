import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import Logging

extension RunDispatcher {
    /// What came of offering the end of an attempt to the queue.
    private enum Commit {
        case result(RunFinishResult)
        /// The queue did not take it; the lease will run out and the run be tried again.
        case lost
    }

    /// Executes one run to the committed end of its attempt.
    func execute(_ leased: LeasedRun) async {
        for attempt in 1...configuration.conflictTries {
            let recipe: DeployedRecipe
            // Asked before every execution: while one was under way another run may have put the version in quarantine.
            switch startable(leased) {
            case .success(let found): recipe = found
            case .failure(let ending): return await end(leased, ending)
            }
            let isLast = attempt == configuration.conflictTries
            if await executeOnce(leased, recipe, isLast: isLast) { return }
        }
    }

    /// The version that executes a run now, or why it does not start.
    private func startable(_ leased: LeasedRun) -> Result<DeployedRecipe, RunEndingError> {
        version(for: leased).flatMap { recipe in
            let expire = recipe.manifest.flow.expire
            guard let refusal = ExpiryRule.refusal(of: leased.run, expire: expire, now: clock.now()) else {
                return .success(recipe)
            }
            return .failure(RunEndingError(failure: refusal, decision: .die(.expired)))
        }
    }

    /// The version that executes a run, or why there is none.
    private func version(for leased: LeasedRun) -> Result<DeployedRecipe, RunEndingError> {
        let name = leased.run.recipe
        let active = deployments.current.recipes[name]
        let isOwnQuarantined = quarantines.find(name, leased.run.version) != nil
        switch VersionRule.decide(leased, active: active?.version, isOwnQuarantined: isOwnQuarantined) {
        case .active:
            if let active {
                guard let quarantine = quarantines.find(name, active.version) else { return .success(active) }
                return .failure(RunDispatcher.ending(quarantine))
            }
        case .own:
            if let own = deployments.recipe(name, version: leased.run.version) { return .success(own) }
            let failure = AttemptFailure(
                .bundle,
                "the bundle of version \(leased.run.version.short) is not in the state folder; restore it, or "
                    + "move the run to the active version: grapnel runs move \(leased.run.id) --to active")
            return .failure(RunEndingError(failure: failure, decision: nil))
        case .gone: break
        }
        let failure = AttemptFailure(
            .handedBack, "the recipe \(name) was removed; put its folder back into recipes/, or cancel the run")
        return .failure(RunEndingError(failure: failure, decision: .park(.recipeGone)))
    }

    /// A run that must not start is not tried either: it only waits.
    private static func ending(_ quarantine: Quarantine) -> RunEndingError {
        let failure = AttemptFailure(
            .handedBack, "version \(quarantine.version.short) is in quarantine since \(quarantine.since)")
        return RunEndingError(failure: failure, decision: .park(.quarantined))
    }

    /// Keeps further runs of a version that broke its sandbox from starting; the queue has recorded it with the run.
    private func quarantine(_ finish: RunFinish, _ leased: LeasedRun, _ failure: AttemptFailure) async {
        let recipe = leased.run.recipe
        let isNew = quarantines.add(
            Quarantine(
                recipe: recipe, version: finish.version, run: leased.run.id, error: failure.message, since: clock.now())
        )
        guard isNew else { return }
        logger.error(
            "a version broke its sandbox and is in quarantine",
            metadata: [
                "recipe": "\(recipe)", "version": "\(finish.version.short)", "run.id": "\(leased.run.id)",
                "error": "\(failure.message)",
            ])
        await notices.post(
            Notice(
                kind: .versionQuarantined, subject: recipe,
                message: "version \(finish.version.short) of \(recipe) broke its sandbox (\(failure.message)); none of "
                    + "its runs start until another version is deployed or: grapnel recipes release \(recipe)",
                details: [
                    "recipe": .string(recipe), "version": .string(finish.version.hash),
                    "run": .string(leased.run.id.description), "error": .string(failure.message),
                ]))
    }

    /// Executes a run once; `false` when another run changed the same key of the store and it is worth doing again.
    private func executeOnce(_ leased: LeasedRun, _ recipe: DeployedRecipe, isLast: Bool) async -> Bool {
        let startedAt = clock.now()
        // Read before the first call: at the most they are older than what a call carries.
        let credentials = broker.credentials
        let host = RunHost(
            leased: leased, recipe: recipe, broker: broker,
            store: QueueKeyValues(
                reader: reader, writer: writer, tenant: leased.run.tenant, recipe: leased.run.recipe),
            clock: clock, limits: configuration.host, awaited: self)
        CrashPoint.beforeHandler.pass()
        var outcome =
            if recipe.manifest.forwards.isEmpty {
                await isolate(recipe.job(for: leased), host: host)
            } else {
                Forwarding(recipe: recipe, leased: leased).perform(on: host, clock: clock)
            }
        if case .failed(let failure) = outcome.result { outcome.result = .failed(recipe.explained(failure)) }
        CrashPoint.afterHandler.pass()
        var harvest = host.harvest()
        if harvest.isFenced || running.isFenced(leased.run.id) {
            board.settle(leased.run.id, nil)
            return true
        }
        if harvest.isTooDeep { harvest.refusal = await tooDeep(leased) }
        running.beginEnding(leased.run.id)
        let conclusion = conclusion(leased, recipe, startedAt: startedAt)
        var finish = conclusion.finish(outcome, harvest: harvest) { outputs throws(AttemptFailure) in
            try broker.plan(outputs, of: leased)
        }
        if finish.decision == .park(.connectionUnauthorized) {
            finish.credentials = finish.waitsFor.flatMap { credentials[$0] }
        }
        if finish.decision == .succeed { finish.emitted = harvest.emitted.map { maker.event($0, by: leased) } }
        switch await commit(finish) {
        case .result(.finished(let outputs)):
            CrashPoint.afterRunEnd.pass()
            await settle(finish, outputs: outputs, leased)
            if finish.decision == .park(.quarantined), let failure = finish.attempt?.failure {
                await quarantine(finish, leased, failure)
            }
            await letGoOn(finish, leased)
        case .result(.keyValueConflict(let key)):
            broker.release(finish.outputs)
            guard isLast else { return false }
            let failure = AttemptFailure(
                .threw,
                "other runs kept changing the key \"\(key)\" of kv; \(configuration.conflictTries) tries in a row")
            await apply(conclusion.failed(failure, outcome: outcome, log: harvest.log), leased)
        case .result(.nondeterministic(let step, let recorded)):
            // Of two outputs with one key it is the later one that differs.
            let wanted = finish.outputs.last { $0.step == step && $0.fingerprint != recorded.fingerprint }
            broker.release(finish.outputs)
            let failure = AttemptFailure(
                .nondeterministic,
                EffectDifference.text(
                    from: recorded, to: wanted.map { "\($0.connection).\($0.operation)" },
                    input: wanted.flatMap { try? JSONParser.parse($0.input) }),
                isRetryable: false)
            await apply(conclusion.failed(failure, outcome: outcome, log: harvest.log), leased)
        case .result(.fenced), .lost:
            broker.release(finish.outputs)
            board.settle(leased.run.id, nil)
        }
        return true
    }

    /// Wakes the runs of a recipe that are parked for want of a version when one has come while this one was parked.
    ///
    /// Who deploys or releases a version takes it on first and wakes what is parked after that. Either that finds this
    /// run, or it came before this run was parked: then the version is seen here. A hub that stops in between wakes the
    /// run when it starts.
    private func letGoOn(_ finish: RunFinish, _ leased: LeasedRun) async {
        guard case .park(let reason) = finish.decision, reason == .recipeGone || reason == .quarantined else { return }
        var leased = leased
        leased.run.version = finish.version
        guard case .success = version(for: leased) else { return }
        let wake = ParkedWake(.runs(ofRecipe: leased.run.recipe), parkedAs: reason)
        var hasMore = true
        while hasMore {
            let report = await persistently("runs whose version has come could not be woken", leased.run.id) {
                try await writer.wake(wake)
            }
            hasMore = report?.hasMore ?? false
        }
    }

    /// Runs a job so that it can be stopped by itself when its lease is lost or the hub shuts down.
    private func isolate(_ job: IsolateJob, host: RunHost) async -> IsolateOutcome {
        // A task of its own, because one child of a group cannot be cancelled without its siblings.
        let work = Task { await isolates.execute(job, host: host) }
        running.setStop(job.run) { work.cancel() }
        return await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
    }

    /// Why a run may not emit: what led to its event.
    private func tooDeep(_ leased: LeasedRun) async -> AttemptFailure {
        let causes = (try? await reader.causes(of: leased.event)) ?? []
        return CauseChain.failure(of: leased, causes: causes, depth: leased.event.depth)
    }

    private func conclusion(_ leased: LeasedRun, _ recipe: DeployedRecipe?, startedAt: Timestamp) -> AttemptConclusion {
        AttemptConclusion(
            leased: leased, version: recipe?.version ?? leased.run.version,
            policy: recipe?.retryPolicy ?? RetryPolicy(), limits: configuration.host, reply: recipe?.manifest.reply,
            startedAt: startedAt, now: clock.now(), unit: random.unit())
    }

    /// Ends a run that no version can execute.
    private func end(_ leased: LeasedRun, _ ending: RunEndingError) async {
        let conclusion = conclusion(leased, nil, startedAt: clock.now())
        await apply(conclusion.notStarted(ending.failure, decision: ending.decision), leased)
    }

    /// Commits an end that leaves no outputs.
    private func apply(_ finish: RunFinish, _ leased: LeasedRun) async {
        if case .result(.finished(let outputs)) = await commit(finish) {
            await settle(finish, outputs: outputs, leased)
            await letGoOn(finish, leased)
        } else {
            board.settle(leased.run.id, nil)
        }
    }

    /// Lets what was committed take its way.
    private func settle(_ finish: RunFinish, outputs: [LeasedOutput], _ leased: LeasedRun) async {
        if !outputs.isEmpty { broker.deliver(outputs) }
        // What the ledger has confirmed already is not sent again: its room is free.
        let steps = Set(outputs.map(\.effect.step))
        let unused = finish.outputs.filter { $0.startNow && !steps.contains($0.step) }
        if !unused.isEmpty { broker.release(unused) }
        if finish.decision != .succeed || finish.reply != nil { board.settle(leased.run.id, finish.reply) }
        let failure = finish.attempt?.failure
        guard let error = failure?.message ?? finish.reason else { return }
        logger.notice(
            failure == nil ? "a run was not started" : "an attempt of a run failed",
            metadata: [
                "event.id": "\(leased.event.id)", "run.id": "\(leased.run.id)", "recipe": "\(leased.run.recipe)",
                "attempt": "\(leased.run.counters.attempts + 1)", "kind": "\(failure?.kind.rawValue ?? "none")",
                "error": "\(error)", "decision": "\(finish.decision)",
            ])
        switch finish.decision {
        case .die(let reason): await notices.post(.deadLetter(leased.run, reason: reason, error: error))
        case .park(.connectionUnauthorized) where await hasGoneOn(leased.run.id): break
        case .park(let reason) where reason == .unknownEffect || reason == .connectionUnauthorized:
            await notices.post(.parked(leased.run, reason: reason, error: error))
        case .park, .retry, .succeed: break
        }
    }

    /// Whether a run that should wait for other credentials does not: they had come meanwhile.
    private func hasGoneOn(_ id: Identifier<Run>) async -> Bool {
        guard let run = try? await reader.run(id)?.run else { return false }
        return run.state != .parked
    }

    /// Offers the end of an attempt to the queue until it takes it or will not.
    private func commit(_ finish: RunFinish) async -> Commit {
        let result = await persistently("the end of a run could not be recorded", finish.run) {
            try await writer.finishRun(finish)
        }
        return result.map { .result($0) } ?? .lost
    }

    /// Asks the queue again while it has no room; `nil` when it will not, or not soon enough.
    private func persistently<Value: Sendable>(
        _ complaint: String, _ run: Identifier<Run>, _ body: () async throws -> Value
    ) async -> Value? {
        var pause = Duration.milliseconds(50)
        for attempt in 1...configuration.commitTries {
            do {
                return try await body()
            } catch let error as QueueError where error.code == .full || error.code == .storage {
                logger.warning(
                    "\(complaint) yet",
                    metadata: ["run.id": "\(run)", "try": "\(attempt)", "error": "\(error)"])
                guard (try? await clock.sleep(for: pause)) != nil else { return nil }
                pause = min(pause * 2, .seconds(5))
            } catch {
                logger.error("\(complaint)", metadata: ["run.id": "\(run)", "error": "\(error)"])
                return nil
            }
        }
        return nil
    }
}
