import GrapnelCore

extension Observer {
    /// How long after a tick, and after the last trouble, a hub has recorded it.
    static let slack = 2 * SimulationPlan.minute
    /// A clock that is set back by more begins schedules anew.
    private static let lead = SimulationPlan.day

    /// How the schedule has come along.
    struct Ticks {
        /// The events of ticks, by their time; of those that were deleted as well.
        var events: [Int64: String] = [:]
        /// The last tick that came.
        var last: Int64 = .min
        /// When the hub had had its time to begin the schedule.
        var began: Int64?
    }

    /// The time of a tick's event.
    static func tick(ofDelivery id: String) -> Int64? {
        id.split(separator: "@").last.flatMap { Timestamp(rfc3339: String($0)) }?.milliseconds
    }

    /// A tick was stored.
    func tickMade(_ event: String, delivery: String) {
        guard let schedule = simulation.plan.schedule, let at = Observer.tick(ofDelivery: delivery) else {
            return fail(.tickComesOnce, "the tick \(delivery) is of no schedule")
        }
        require(
            at == schedule.last(until: at) && at <= simulation.latestWall, .tickComesOnce,
            "the tick \(delivery) came before its time")
        if let earlier = ticks.events[at] {
            let isAnew = simulation.setBack > Observer.lead && events[earlier] == nil
            require(isAnew, .tickComesOnce, "the tick \(delivery) came twice")
        }
        let before = at - schedule.period
        if let began = ticks.began, ticks.last != .min {
            require(
                before <= max(ticks.last, began, simulation.peak) || before < healthySince + Observer.slack,
                .tickIsNotLost,
                "the tick before \(delivery) is missing, though nothing was in its way")
        }
        ticks.events[at] = event
        ticks.last = max(ticks.last, at)
    }

    /// Since when, by the wall clock, nothing has been in the hub's way.
    private var healthySince: Int64 { wall - (simulation.thread.now - simulation.lastTrouble) }

    /// A hub that nothing was in the way of has recorded every tick that has come.
    func checkTicks() {
        guard let schedule = simulation.plan.schedule, simulation.isScheduled, simulation.hub != nil,
            wall - healthySince > 2 * Observer.slack
        else { return }
        guard let began = ticks.began else {
            ticks.began = wall
            return
        }
        let last = schedule.last(until: wall - Observer.slack)
        guard last > max(began, simulation.peak), schedule.catchesUp || last > healthySince + Observer.slack else {
            return
        }
        require(
            ticks.last >= last, .tickIsNotLost,
            "the tick of \(Timestamp(milliseconds: last)) has not come by \(simulation.clock.now())")
    }
}
