// What holds for runs and outputs alike.
extension Observer {
    func checkLease(_ change: Change, _ what: String) {
        require(
            change.fence >= change.oldFence, .fenceRises,
            "\(what) \(change.id): the fence went from \(change.oldFence) to \(change.fence)")
        if change.state == Change.leased, change.oldState != Change.leased {
            require(
                change.fence > change.oldFence, .fenceRises, "\(what) \(change.id) was leased under its old fence")
        }
        if change.state == Change.leased, let due = change.oldDueAt {
            // What a clock that was ahead has put off comes back with it.
            require(
                due - simulation.setBack <= simulation.latestWall || isTouched(change.id), .backoffIsKept,
                "\(what) \(change.id) was taken before it was due")
        }
        if change.state == Change.leased, change.oldState == Change.leased {
            require(
                change.fence == change.oldFence, .oneActiveLease, "\(what) \(change.id) was leased while it was leased")
        }
        if change.losses > change.oldLosses {
            let isLate = (change.oldLeaseUntil ?? 0) <= simulation.leaseTime
            let isOfEarlierBoot = change.oldLeaseEpoch != simulation.epoch
            require(isLate || isOfEarlierBoot, .leaseLasts, "\(what) \(change.id) lost a lease that had not ended")
            require(
                isOfEarlierBoot || simulation.plan.disturbsLeases, .leaseLasts,
                "\(what) \(change.id) lost its lease though nothing stood still")
        }
    }

    func checkCounters(_ change: Change, _ what: String, most: Int64) {
        require(
            change.attempts <= most && change.deaths <= 3 && change.losses <= 20, .attemptsAreBounded,
            "\(what) \(change.id): \(change.attempts) attempts, \(change.losses) losses, \(change.deaths) deaths")
        let isCounted =
            change.attempts >= change.oldAttempts && change.losses >= change.oldLosses
            && change.deaths >= change.oldDeaths
        require(
            isCounted || isTouched(change.id), .attemptsAreBounded, "\(what) \(change.id): a counter went back")
        if change.oldState == Change.leased, change.state == 0 || change.state == 1 {
            require(
                change.attempts < most && change.deaths < 3 && change.losses < 20, .attemptsAreBounded,
                "\(what) \(change.id) goes on after its last try")
        }
        guard change.state == Change.dead, change.oldState != Change.dead else { return }
        switch change.deadReason {
        case 0:
            require(
                change.attempts >= most - (runs[change.id]?.wakes ?? effects[change.id]?.wakes ?? 0)
                    || change.losses >= 20, .endIsEarned,
                "\(what) \(change.id) was exhausted after \(change.attempts) attempts and \(change.losses) losses")
        case 2:
            require(
                change.deaths >= 3, .endIsEarned, "\(what) \(change.id) was poison after \(change.deaths) deaths")
        case 4:
            if let output = effects[change.id] {
                let expire = simulation.plan.flows[change.other ?? ""]?.expire
                if !isTouched(change.id) { checkExpired(change, what, after: expire, since: output.planned) }
                checkNotArrived(output, change)
            } else {
                let run = runs[change.id]
                let expire = run.flatMap { simulation.recipe($0.recipe)?.expire }
                checkExpired(change, what, after: expire, since: run?.made ?? Moment())
            }
        default: break
        }
    }

    private func checkExpired(_ change: Change, _ what: String, after expire: Int64?, since moment: Moment) {
        // A clock that was ahead when it was made has been allowed for when it was put back; one that was put back and
        // forward again makes it older.
        let ahead = simulation.setForward - moment.setForward
        let age = max(simulation.latestWall - moment.wall, simulation.thread.now - moment.monotonic + ahead)
        require(age > expire ?? .max, .expiredInTime, "\(what) \(change.id) expired at the age of \(age) ms")
    }

    /// The moment in so many milliseconds.
    func moment(in time: Int64) -> Moment {
        Moment(wall: wall + time, monotonic: simulation.thread.now + time, setForward: simulation.setForward)
    }

    func checkDelay(_ delay: Int64, attempts: Int64, retryAfter: Int64?, _ what: String) {
        if let retryAfter {
            let asked = min(max(retryAfter, 0), SimulationPlan.day)
            require(
                delay >= asked - 1, .backoffIsKept, "\(what) is due after \(delay) ms; \(asked) ms were asked for")
            return
        }
        let base = Observer.schedule[min(max(Int(attempts), 1), Observer.schedule.count) - 1]
        require(
            delay >= base * 8 / 10 - 1 && delay <= base * 12 / 10 + 1, .backoffIsKept,
            "\(what) is due \(delay) ms after try \(attempts); \(base) ms ±20 % were promised")
    }

    func isTouched(_ effect: String) -> Bool {
        touched.contains(effect) || effects[effect].map { touched.contains($0.place.origin) } ?? false
    }
}
