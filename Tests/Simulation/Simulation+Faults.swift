import GrapnelCore
import GrapnelRun

extension Simulation {
    func planFaults() {
        func sometime(_ count: Int, _ action: @escaping () -> Void) {
            for _ in 0..<count {
                thread.after(chaos.within(0...plan.span * 5 / 4), .world) { [self] in
                    if !isCalm { action() }
                }
            }
        }
        sometime(plan.crashes) { [self] in crash() }
        sometime(plan.shutdowns) { [self] in
            if let hub { shutDown(hub, isFollowed: true) }
        }
        sometime(plan.stalls) { [self] in
            let time = chaos.within(5...300) * SimulationPlan.second
            note("the hub stands still for \(time) ms")
            standStill(for: time)
        }
        sometime(plan.clockJumps) { [self] in
            let jumps = [SimulationPlan.second, SimulationPlan.minute, SimulationPlan.hour, SimulationPlan.day]
            let jump = chaos.pick(jumps) ?? 0
            jumpClock(by: chaos.chance(0.5) ? jump : -jump)
        }
        sometime(plan.offlineSpells) { [self] in
            let host = chaos.pick(SimulatedDefinitions.hosts) ?? ""
            let time = chaos.within(1...360) * SimulationPlan.minute
            note("\(host) is offline for \(time) ms")
            vendor.unplug(host, until: thread.now + time)
        }
        sometime(plan.rotations) { [self] in
            rotate(chaos.below(SimulatedDefinitions.hosts.count), setAfter: chaos.within(0...6 * SimulationPlan.hour))
        }
        sometime(plan.humanActs) { [self] in
            do { try person.act() } catch { observer.fail(.countersAreTrue, "the database cannot be read: \(error)") }
        }
    }

    /// A vendor wants another token; the operator learns of it later.
    private func rotate(_ index: Int, setAfter time: Int64) {
        let (name, host) = (SimulatedDefinitions.connections[index], SimulatedDefinitions.hosts[index])
        wanted[name, default: 0] += 1
        note("\(host) wants the token \(wanted[name, default: 0])")
        vendor.want(token: wanted[name, default: 0], host)
        thread.after(time, .world) { [self] in takeTokens() }
    }

    /// The operator sets the tokens that the vendors want.
    private func takeTokens() {
        guard secrets.tokens != wanted else { return }
        note("other tokens are set")
        secrets.tokens = wanted
        hub?.take(secrets)
    }

    private func jumpClock(by time: Int64) {
        note("the wall clock jumps by \(time) ms")
        jumps.append((thread.now, clock.now().milliseconds, max(thread.now, awake) + Simulation.moment))
        clockJumps += 1
        if time < 0 { peak = max(peak, clock.now().milliseconds) }
        setBack += max(-time, 0)
        setForward += max(time, 0)
        clock.jump(by: .milliseconds(time))
        trouble()
    }

    private func standStill(for time: Int64) {
        thread.freezeHub(for: time)
        awake = max(awake, thread.now + time)
        for index in jumps.indices where jumps[index].until > thread.now {
            jumps[index].until = max(jumps[index].until, awake + Simulation.moment)
        }
        trouble(for: time)
    }

    /// Something is in the way of the hub, from now on for that long.
    func trouble(for time: Int64 = 0) { lastTrouble = max(lastTrouble, thread.now + time) }

    /// The recipe with the schedule goes on without it: ticks never end, and everything else must.
    private func endSchedule() {
        guard isScheduled else { return }
        observer.checkTicks()
        isScheduled = false
        do {
            recipes = try SimulatedDefinitions.deployed(definitions, schedule: nil)
            hub?.deployments.replace(with: Deployment(recipes))
        } catch {
            observer.fail(.tickIsNotLost, "the schedule cannot be removed: \(error)")
        }
    }

    /// A handler begins: sometimes its lease ends before it does.
    func disturb() {
        guard !isCalm, chaos.chance(plan.disturbances) else { return }
        let isStall = chaos.chance(0.4)
        thread.after(chaos.within(0...20 * SimulationPlan.second), .world) { [self] in
            if isCalm { return }
            if !isStall { return jumpClock(by: SimulationPlan.minute) }
            note("the hub stands still")
            standStill(for: chaos.within(25...90) * SimulationPlan.second)
        }
    }

    /// Faults stop: from now on everything must come to its end.
    func calm() {
        note("calm")
        isCalm = true
        thread.after(30 * SimulationPlan.minute, .world) { [self] in endSchedule() }
        for host in SimulatedDefinitions.hosts { vendor.unplug(host, until: 0) }
        takeTokens()
        func decide() {
            do {
                try person.resumeAll()
                try person.releaseAll()
                try person.decideAll()
            } catch {
                observer.fail(.countersAreTrue, "the database cannot be read: \(error)")
            }
            thread.after(SimulationPlan.hour, .world) { decide() }
        }
        decide()
    }
}
