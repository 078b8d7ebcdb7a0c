import GrapnelCore
import GrapnelRun

extension Observer {
    func runMade(_ change: Change) {
        note("run", change)
        let (recipe, event) = (change.text ?? "", change.event ?? "")
        let tenant = change.tenant ?? ""
        require(
            tenant == events[event]?.tenant, .tenantsAreApart,
            "run \(change.id) of \(tenant) handles an event of \(events[event]?.tenant ?? "nobody")")
        var run = KnownRun(
            tenant: tenant, origin: change.other ?? "", recipe: recipe, event: event, fence: change.fence,
            state: change.state,
            line: line(of: recipe, event: event, tenant: tenant))
        // A replay does not wait for what its recipe makes new runs wait for.
        run.isRepeated = !handled.insert([event, recipe]).inserted
        run.ordinal = runs.count
        run.made = moment(in: 0)
        run.due = change.dueAt
        run.setBack = simulation.setBack
        let delay = (simulation.recipe(recipe)?.delay ?? 0) + (events[event]?.delay ?? 0)
        if !run.isRepeated, delay > 0 { run.notBefore = wall + delay }
        run.place = place(of: recipe, event: event, tenant: tenant)
        runs[change.id] = run
        if !run.isRepeated { gathers(change.id) }
        if change.state == Change.parked { runs[change.id]?.wasDisturbed = true } else { takesToken(change.id) }
        enters(change.id)
        checkPauses(run: change.id, change)
        if change.isTaken { starts(change.id) }
    }

    func runChanged(_ change: Change) {
        note("run", change)
        runs[change.id]?.fence = change.fence
        runs[change.id]?.state = change.state
        runs[change.id]?.due = change.dueAt
        if change.state == Change.parked {
            runs[change.id]?.wasDisturbed = true
            gatherings.tokens[change.id] = nil
        }
        if change.oldState == Change.parked, change.fence == 0, change.state == 0 || change.state == 1 {
            takesToken(change.id)
        }
        checkEnd(change)
        awaitsCredentials(change)
        checkPauses(run: change.id, change)
        checkCancelled(change, isRun: true)
        if change.isTaken { starts(change.id) }
        if Change.isTerminal(change.state) { leaves(change.id) }
        checkLease(change, "run")
        if Change.isTerminal(change.oldState), change.state != change.oldState {
            fail(.terminalStays, "run \(change.id) left state \(change.oldState ?? -1) for \(change.state ?? -1)")
        }
        let recipe = runs[change.id]?.recipe ?? ""
        if change.oldState == Change.parked, change.oldAttempts > 0, change.state == 0 || change.state == 1 {
            runs[change.id]?.wakes += 1
        }
        let most = (simulation.recipe(recipe)?.attempts ?? 10) + (runs[change.id]?.wakes ?? 0)
        checkCounters(change, "run", most: most)
        guard change.oldState == Change.leased, change.state != Change.leased else { return }
        let number = Observer.execution(change.text)
        // One that was handed back keeps what it had failed with before.
        let isKnown = number == runs[change.id]?.failed
        runs[change.id]?.failed = number
        let execution = number.flatMap { !isKnown && $0 < executions.count ? executions[$0] : nil }
        if change.state == Change.succeeded, let tenant = runs[change.id]?.tenant {
            succeeded["\(tenant) \(recipe)", default: 0] += 1
        }
        guard let execution, let failure = execution.failure else { return }
        require(
            change.attempts > change.oldAttempts, .attemptsAreBounded, "a try of run \(change.id) was not counted")
        require(
            execution.run == change.id && execution.fence == change.oldFence, .oldFenceChangesNothing,
            "run \(change.id) was ended under fence \(change.oldFence) by an execution under \(execution.fence)")
        guard let due = change.dueAt, due != .max else { return }
        require(
            failure.isRetryable && failure.kind != .discarded, .endIsEarned,
            "run \(change.id) is tried again after a failure that is for good")
        let delay = due - execution.endedAt
        checkDelay(delay, attempts: change.attempts, retryAfter: failure.retryAfter?.milliseconds, "run \(change.id)")
        if failure.retryAfter == nil {
            let index = min(max(Int(change.attempts), 1), Observer.schedule.count) - 1
            ratios.append(delay * 1000 / Observer.schedule[index])
        }
    }

    /// The number of the execution that a text begins with: `#7 …`.
    static func execution(_ text: String?) -> Int? {
        guard let text, text.hasPrefix("#") else { return nil }
        return Int(text.dropFirst().prefix(while: \.isNumber))
    }

    func resultMade(_ change: Change) {
        guard let number = (change.text.flatMap { try? JSONParser.parse($0) })?["execution"]?.integer,
            executions.indices.contains(Int(number)), let run = runs[change.id]
        else { return }
        let execution = executions[Int(number)]
        require(
            execution.run == change.id && execution.fence == run.fence, .oldFenceChangesNothing,
            "run \(change.id) succeeded under fence \(run.fence) by an execution under \(execution.fence)")
        let outputs = simulation.queries.outputsOfOrigin.first(.identity(run.origin)) { Int($0.number(0) ?? 0) } ?? 0
        require(
            outputs >= execution.outputs, .outputsOfEveryRun,
            "run \(change.id) left \(execution.outputs) outputs behind, and \(outputs) are stored")
        emissions.committed[change.id] = execution.emissions
    }
}
