extension Observer {
    /// The line of a key that outputs to a connection stand in.
    struct OutputLine: Hashable {
        var connection: String
        var group: String
    }

    /// How long after it was let go a request may leave.
    private static let wayOut = 2 * SimulationPlan.minute

    /// An output is made, or comes to life again: it joins the end of its line.
    func joins(_ change: Change) {
        let connection = change.other ?? ""
        guard Change.isLiving(change.state), !Change.isLiving(change.oldState),
            simulation.plan.flows[connection]?.isOrdered ?? false, let place = effects[change.id]?.place,
            let group = groups[place]
        else { return }
        let line = OutputLine(connection: connection, group: group)
        effects[change.id]?.line = line
        outputLines[line, default: []].append(change.id)
    }

    /// An output is taken, or over: it must be its turn.
    func checkTurn(_ change: Change) {
        guard let line = effects[change.id]?.line else { return }
        if change.isTaken {
            let first = outputLines[line]?.first
            require(
                first == change.id, .outputsKeepTheirOrder,
                "output \(change.id) to \(line.connection) \(line.group) was taken before \(first ?? "?")")
        }
        if Change.isTerminal(change.state) { outputLines[line]?.removeAll { $0 == change.id } }
    }

    // MARK: Expiry

    /// An output is dead because it is too old: then it has not taken place.
    func checkNotArrived(_ known: KnownEffect, _ change: Change) {
        guard let sent = sent[known.place], !["safe", "reconcile"].contains(known.operation) else { return }
        require(
            !sent.mayHaveArrived && !sent.mayHaveArrivedBefore, .expiredInTime,
            "output \(change.id) expired, and may have arrived")
    }

    /// An output is sent that has not taken place: it must not be too old.
    func checkAge(_ sending: Sending) {
        guard let known = effects[sending.effect], known.isOutput, !isTouched(sending.effect),
            let expire = simulation.plan.flow(ofHost: sending.host)?.expire
        else { return }
        let age = wall - known.planned.wall
        require(
            age <= expire + Observer.wayOut || simulation.lastTrouble > simulation.thread.now - Observer.wayOut,
            .expiredInTime, "output \(sending.effect) was sent at the age of \(age) ms")
    }

    // MARK: Limits of keys

    /// A request of a key leaves, one of so many under way.
    func checkKey(_ sending: Sending, underWay: Int) {
        guard let flow = simulation.plan.flow(ofHost: sending.host), let group = groups[sending.place] else { return }
        require(
            underWay <= flow.places ?? .max, .limitsAreKept,
            "\(underWay) requests of \(group) to \(sending.host) are under way")
        guard let rate = flow.rate else { return }
        let now = simulation.thread.now
        let times = (requestTimes[sending.host + group] ?? []) + [now]
        requestTimes[sending.host + group] = times
        for (index, first) in times.enumerated() where first > simulation.lastTrouble {
            let allowed = rate.count + (now - first + SimulationPlan.second) * rate.count / rate.interval
            require(
                Int64(times.count - index) <= allowed, .limitsAreKept,
                "\(times.count - index) requests of \(group) left for \(sending.host) within \(now - first) ms")
        }
    }
}
