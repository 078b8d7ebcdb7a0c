import GrapnelCore
import GrapnelRun

extension Observer {
    /// The events of a recipe that gather with one another, or whose runs take tokens of one bucket.
    struct Place: Hashable {
        var tenant: String
        var recipe: String
        var key: String
    }

    /// What has gathered.
    struct Gatherings {
        /// Since when those wait, by the wall clock, that wait for a quiet time: they take that over from whom they supersede.
        var since: [String: Int64] = [:]
        /// The events of each batch.
        var members: [String: [String]] = [:]
        /// The batch of an event and its recipe.
        var batches: [[String]: String] = [:]
        /// When runs start that have just taken their token; a pause that holds them gives it back.
        var tokens: [String: Int64] = [:]
        /// What the commit that is looked at has changed.
        var touched: Set<Place> = []
        var filled: Set<String> = []
        /// When the starts of each place were planned for.
        var starts: [Place: [Int64]] = [:]
        /// Places whose starts a person has meddled with.
        var meddled: Set<Place> = []
    }

    /// The place of an event, where its recipe has places.
    func place(of recipe: String, event: String, tenant: String) -> Place? {
        guard let rule = simulation.recipe(recipe), rule.gathering != nil || rule.rate != nil,
            let number = events[event]?.number,
            let key = SimulatedDefinitions.key(number, of: simulation.plan.keys)
        else { return nil }
        return Place(tenant: tenant, recipe: recipe, key: key)
    }

    /// A run is stored that waits for more events.
    func gathers(_ id: String) {
        guard let run = runs[id], let gathering = simulation.recipe(run.recipe)?.gathering else { return }
        switch gathering {
        case .batch(let size, let within):
            gatherings.batches[[run.event, run.recipe]] = id
            guard run.place != nil else { return }
            runs[id]?.notBefore = wall + within
            noteFilled(id, size)
        case .debounce(let quiet, let atMost):
            guard let place = run.place else { return }
            gatherings.touched.insert(place)
            let earlier = runs.first { $0.value.heir == id }?.key
            let since = min(earlier.flatMap { gatherings.since[$0] } ?? wall, wall)
            gatherings.since[id] = since
            runs[id]?.notBefore = min(wall + quiet, since + atMost)
            guard let due = run.due else { return }
            require(
                due <= min(wall + quiet, since + atMost) || simulation.clockJumps > 0, .gatheringWaits,
                "run \(id) is due \(due - since) ms after the first event of its key")
        }
    }

    /// An event has joined a batch.
    func memberMade(_ change: Change) {
        let event = change.event ?? ""
        simulation.note("event \(event.suffix(8)) in batch \(change.id.suffix(8))")
        gatherings.members[change.id, default: []].append(event)
        guard let run = runs[change.id] else { return }
        // Its first event joins before the run itself is stored.
        require(
            run.fence == 0 && !Change.isTerminal(run.state), .gatheredOnce,
            "event \(event) joined the batch \(change.id) after it had started")
        let other = gatherings.batches.updateValue(change.id, forKey: [event, run.recipe])
        require(other == nil || other == change.id, .gatheredOnce, "event \(event) is in two batches")
        if case .batch(let size, _)? = simulation.recipe(run.recipe)?.gathering { noteFilled(change.id, size) }
    }

    private func noteFilled(_ id: String, _ size: Int) {
        let count = gatherings.members[id]?.count ?? 0
        require(count <= size, .gatheredOnce, "the batch \(id) has \(count) events; \(size) are the most")
        guard count == size else { return }
        gatherings.filled.insert(id)
        runs[id]?.notBefore = 0
    }

    /// A run has come to an end that nobody's handler gave it.
    func checkEnd(_ change: Change) {
        guard change.state == Change.cancelled, change.oldState != Change.cancelled else { return }
        if let text = change.text, text.hasPrefix("superseded by "), change.oldState != Change.leased {
            let name = text.dropFirst("superseded by ".count).prefix { $0 != ":" }
            runs[change.id]?.heir = Identifier<Run>(name)?.digits
            require(
                change.oldFence == 0, .supersededHasAnHeir, "run \(change.id) was superseded after it had started")
            if let place = runs[change.id]?.place { gatherings.touched.insert(place) }
        } else {
            require(
                unwanted.contains(change.id), .supersededHasAnHeir,
                "run \(change.id) was cancelled, and nobody wanted that")
        }
    }

    /// At the end of a commit.
    func checkGatherings() {
        for place in gatherings.touched {
            let mine = runs.filter { $0.value.place == place }
            for (id, run) in mine {
                guard let heir = run.heir else { continue }
                require(
                    runs[heir]?.place == place && runs[heir]?.ordinal ?? 0 > run.ordinal, .supersededHasAnHeir,
                    "run \(id) gave way to \(heir), which is no later run of its key")
            }
            let waiting = mine.filter { _, run in
                run.fence == 0 && run.state ?? 9 <= 1 && !run.isRepeated && !run.wasDisturbed
                    && run.due ?? 0 > max(wall, simulation.latestWall)
            }
            require(
                waiting.count <= 1 || simulation.clockJumps > 0, .gatheringWaits,
                "\(waiting.count) runs of \(place.key) wait for a quiet time")
        }
        for id in gatherings.filled {
            guard let run = runs[id], run.state == 0, let due = run.due else { continue }
            require(
                due <= simulation.latestWall, .gatheringWaits, "the batch \(id) is full, and waits until \(due)")
        }
        gatherings.touched = []
        gatherings.filled = []
    }

    /// A handler begins: it is given what has gathered, and is not too late.
    func checkBegin(_ job: IsolateJob) {
        let id = job.run.digits
        guard let run = runs[id] else { return }
        if let expire = simulation.recipe(run.recipe)?.expire {
            let age = wall - run.made.wall
            require(age <= expire, .expiredInTime, "run \(id) began at the age of \(age) ms")
        }
        guard let batch = gatherings.batches[[run.event, run.recipe]], let members = gatherings.members[batch] else {
            return
        }
        let given = job.batch.map(\.id.digits)
        let kept = members.filter { events[$0] != nil }
        require(
            given == kept, .gatheredOnce, "run \(id) was given \(given.count) events; \(kept.count) have gathered")
    }

    // MARK: Rates

    /// A run takes its token: when it is made, or when it goes on that was held before it had started.
    func takesToken(_ id: String) {
        guard let run = runs[id], run.place != nil, simulation.recipe(run.recipe)?.rate != nil else { return }
        gatherings.tokens[id] = run.state == Change.leased ? wall : run.due ?? wall
    }

    /// At the end of a commit: no more start than there are tokens.
    func checkTokens() {
        for (id, start) in gatherings.tokens.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            if let place = runs[id]?.place { check(start, of: place) }
        }
        gatherings.tokens = [:]
    }

    private func check(_ start: Int64, of place: Place) {
        guard let rate = simulation.recipe(place.recipe)?.rate else { return }
        let starts = (gatherings.starts[place] ?? []) + [start]
        gatherings.starts[place] = starts
        guard simulation.clockJumps == 0, !gatherings.meddled.contains(place) else { return }
        for (index, first) in starts.enumerated() {
            let count = Int64(starts.count - index)
            let allowed = rate.count + (start - first + 1) * rate.count / rate.interval
            require(
                count <= allowed || start < first, .startsAreSpread,
                "\(count) runs of \(place.recipe) \(place.key) start within \(start - first) ms")
        }
    }

    /// A person lets a run start now.
    func hurried(_ id: String) {
        if let place = runs[id]?.place { gatherings.meddled.insert(place) }
    }
}
