extension Observer {
    /// The line of a key that runs of a recipe stand in.
    struct Line: Hashable {
        var tenant: String
        var recipe: String
        var key: String
    }

    /// A run is accepted: it joins the end of its line.
    func enters(_ id: String) {
        guard let line = runs[id]?.line else { return }
        lines[line, default: []].append(id)
    }

    /// A run is leased: it must be its turn.
    func starts(_ id: String) {
        guard let run = runs[id] else { return }
        // Later starts go by the schedule of retries; what was made before the clock was put back may wait as much less.
        let notBefore = run.notBefore - (simulation.setBack - run.setBack)
        require(
            run.fence > 1 || notBefore <= simulation.latestWall, .backoffIsKept,
            "run \(id) was taken before its recipe lets it")
        guard let line = run.line, let rule = simulation.recipe(run.recipe)?.line, let standing = lines[line] else {
            return
        }
        switch rule {
        case .ordered:
            require(
                standing.first == id, .orderIsKept,
                "run \(id) of \(line.recipe) \(line.key) started before \(standing.first ?? "?"), which came first")
        case .limited(let limit):
            let leased = standing.count { runs[$0]?.state == Change.leased }
            require(
                leased <= limit, .limitsAreKept, "\(leased) runs of \(line.recipe) \(line.key) are leased at a time")
        }
    }

    /// A run is over, and leaves its line.
    func leaves(_ id: String) {
        guard let line = runs[id]?.line else { return }
        lines[line]?.removeAll { $0 == id }
    }

    /// The line that a run of this event and recipe stands in, whatever its row says.
    func line(of recipe: String, event: String, tenant: String) -> Line? {
        guard simulation.recipe(recipe)?.line != nil, let number = events[event]?.number,
            let key = SimulatedDefinitions.key(number, of: simulation.plan.keys)
        else { return nil }
        return Line(tenant: tenant, recipe: recipe, key: key)
    }
}
