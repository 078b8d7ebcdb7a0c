import GrapnelCore

extension Observer {
    func eventMade(_ change: Change) {
        let tenant = change.tenant ?? ""
        let name = "\(tenant) \(change.text ?? "")"
        let words = (change.text ?? "").split(separator: " ", maxSplits: 1).map(String.init)
        let source = words.first ?? ""
        let number = words.last.flatMap { delivery in
            Int64(delivery.dropFirst()) ?? Observer.tick(ofDelivery: delivery).map { $0 / SimulationPlan.minute }
        }
        if let other = change.other, let original = events[other] {
            require(
                original.tenant == tenant, .tenantsAreApart,
                "the event \(change.id) of \(tenant) is in conflict with one of \(original.tenant)")
        }
        events[change.id] = KnownEvent(
            tenant: tenant, source: source, number: number,
            receivedAt: change.dueAt ?? 0, isInConflict: change.other != nil, cause: change.event,
            depth: change.sends)
        if source.hasPrefix("recipe:") { emissionMade(change.id, delivery: words.last ?? "") }
        simulation.note("event \(change.id.suffix(8)) \(name)\(change.other == nil ? "" : " in conflict")")
        // How often a tick may come is not the window's business, but T1's.
        let isTick = SimulatedDefinitions.scheduled.sources.contains(source)
        if isTick { tickMade(change.id, delivery: words.last ?? "") }
        var known = stored[name] ?? (at: Int64.min / 2, events: 0)
        known.events += 1
        if change.other == nil {
            require(
                isTick || wall >= known.at + Observer.dedupeWindow, .deliveredOnce,
                "the delivery \(name) became an event twice within its window")
            known.at = wall
            let wanted = simulation.definitions.count { $0.sources.contains(source) }
            let made = simulation.queries.runsOfEvent.first(.identity(change.id)) { Int($0.number(0) ?? 0) } ?? 0
            require(
                made == wanted, .runOfEveryRecipe,
                "the event \(change.id) was stored with \(made) runs; \(wanted) recipes want it")
        }
        stored[name] = known
    }
}
