import GrapnelCore

extension SQLiteWriter {
    /// How much one commit of pruning has done, and may do.
    private struct PruningStep {
        let pruning: Pruning
        let now: Timestamp
        /// Monotonic time after which it hands the writer back.
        let end: Duration
        var rows = 0
        var visited = 0
        var events = 0
    }

    /// Deletes old requests whose work is over, with all that hangs on them; then old rejections, store entries and
    /// delivery ids that have expired.
    func prune(_ pruning: Pruning) throws -> PruningReport {
        let now = clock.now()
        let limit = max(pruning.limit, 1)
        var step = PruningStep(pruning: pruning, now: now, end: clock.monotonic() + pruning.within)
        try pruneEvents(&step)
        let rejected = try rejections.expire(before: pruning.before, limit: limit)
        let expired = try keyValues.expire(now: now, limit: limit)
        let full = try rates.expire(now: now, limit: limit)
        let gathered = try gatherings.expire(now: now, limit: limit)
        let next = try dedupe.sweep(from: sweepingPlace, limit: limit, now: now)
        sweepingPlace = next ?? DedupeTable.Place()
        var hasMore = [rejected, expired, full, gathered].contains(limit)
        if case .atRest = pruningCursor.stage {} else { hasMore = true }
        return PruningReport(events: step.events, hasMore: hasMore)
    }

    /// Goes on with the pass over the events, or begins one.
    private func pruneEvents(_ step: inout PruningStep) throws {
        let revisits = step.pruning.revisits
        if case .atRest = pruningCursor.stage, let first = try requests.source(after: "") {
            pruningCursor.enter(first, revisits: revisits)
        }
        while case .age(let place) = pruningCursor.stage {
            guard let end = try pruneByAge(from: place, &step) else { return }
            pruningCursor.leave(end)
            if let next = try requests.source(after: end.source) {
                pruningCursor.enter(next, revisits: revisits)
            } else {
                pruningCursor.enterSize(revisits: revisits)
            }
        }
        guard case .size(let number) = pruningCursor.stage else { return }
        if let keep = step.pruning.keep, try storedBytes() > keep.bytes {
            guard hasRoom(step), try pruneBySize(after: number, &step) else { return }
        }
        pruningCursor.rest()
    }

    /// Whether the step may take one more request. One at least is always taken, so that every step gets on.
    private func hasRoom(_ step: PruningStep) -> Bool {
        step.rows < max(step.pruning.limit, 1) && (step.visited == 0 || clock.monotonic() < step.end)
    }

    /// Deletes what is older than its source keeps; where that ends, or `nil` when there is more to look at.
    private func pruneByAge(from start: RequestTable.Place, _ step: inout PruningStep) throws -> RequestTable.Place? {
        let limit = max(step.pruning.limit, 1)
        var place = start
        let own = step.pruning.sources[place.source]
        let before = own?.before ?? step.pruning.before
        var surplus = 0
        if let keep = own?.keep { surplus = try sourceBytes.bytes(of: place.source) - keep.bytes }
        // Requests are numbered in the order of their commits, which is the order of their arrival.
        let oldest = try requests.older(after: place, limit: limit)
        for request in oldest {
            guard request.receivedAt < before || surplus > 0 else { return place }
            guard hasRoom(step) else { return nil }
            place.number = request.number
            pruningCursor.stage = .age(place)
            step.visited += 1
            let isSurplus = request.receivedAt >= before
            guard try isOver(request, deadBefore: isSurplus ? nil : step.pruning.deadBefore, now: step.now)
            else { continue }
            try delete(request, &step)
            surplus -= request.bytes
        }
        return oldest.count < limit ? place : nil
    }

    /// Deletes the oldest of all sources; `false` when there is more to look at.
    private func pruneBySize(after number: Int64, _ step: inout PruningStep) throws -> Bool {
        let limit = max(step.pruning.limit, 1)
        let oldest = try requests.older(after: number, limit: limit)
        for request in oldest {
            guard hasRoom(step) else { return false }
            pruningCursor.stage = .size(after: request.number)
            step.visited += 1
            if try isOver(request, deadBefore: nil, now: step.now) { try delete(request, &step) }
        }
        return oldest.count < limit
    }

    private func delete(_ request: RequestTable.Old, _ step: inout PruningStep) throws {
        for event in request.events { step.rows += try delete(event, now: step.now) }
        try requests.delete(request.number)
        counters.addBytes(-request.bytes, of: request.source)
        step.rows += 1
        step.events += request.events.count
    }

    /// What the rows take up. Free pages of the file are used again and do not count.
    private func storedBytes() throws -> Int {
        func number(_ name: String) throws -> Int {
            try Statement("PRAGMA \(name)", on: connection).first { $0.count() } ?? 0
        }
        return (try number("page_count") - number("freelist_count")) * (try number("page_size"))
    }

    /// Whether nothing of a request waits for anything: for its turn, for a person, or for a vendor to forget a key.
    private func isOver(_ request: RequestTable.Old, deadBefore: Timestamp?, now: Timestamp) throws -> Bool {
        func isKept(_ state: WorkState, since end: Timestamp?) -> Bool {
            guard state == .dead, let deadBefore, let end else { return false }
            return end >= deadBefore
        }
        for event in request.events {
            for run in try runs.runs(of: event) {
                guard run.state.isTerminal, !isKept(run.state, since: run.finishedAt) else { return false }
                // A replay that kept its origin finds nothing under its own identity.
                for outcome in try effects.outcomes(of: run.id) {
                    guard outcome.delivery?.isTerminal ?? (outcome.state != .inFlight) else { return false }
                    if let until = outcome.keyValidUntil, until > now { return false }
                    if let delivery = outcome.delivery, isKept(delivery, since: outcome.settledAt ?? outcome.sentAt) {
                        return false
                    }
                }
            }
        }
        return true
    }

    /// Deletes an event and all that hangs on it; returns how many rows that were.
    private func delete(_ event: Identifier<Event>, now: Timestamp) throws -> Int {
        var rows = 1
        let delivery = try events.delivery(of: event)
        for run in try runs.runs(of: event) where run.isOwn {
            for outcome in try effects.outcomes(of: run.id) {
                rows += 2
                rows += try attempts.delete(of: outcome.effect)
                try effects.delete(outcome.effect)
                try outcomes.delete(outcome.effect)
                counters.add(.effect(outcome.state), -1)
                if let delivery = outcome.delivery { counters.add(.output(delivery), -1) }
            }
            rows += 1
            rows += try attempts.delete(of: run.id)
            try runs.delete(run.id)
            try gatherings.dissolve(run.id)
            if let tenant = delivery?.tenant, run.id == run.origin {
                try dedupe.forgetEmissions(tenant: tenant, recipe: run.recipe, origin: run.origin)
            }
            try origins.delete(run.id)
            counters.add(.run(run.state), -1)
        }
        if let (tenant, source, id) = delivery, let id {
            // One that is still remembered stays, and is forgotten by the sweep. A tick is guarded by its schedule's
            // mark and does not come again, nor does a planned run.
            let end = Event.isOfSchedule(source: source) ? Timestamp.never : now
            try dedupe.forget(tenant: tenant, source: source, delivery: id, event: event, now: end)
        }
        try gatherings.remove(event)
        try replies.delete(to: event)
        try events.delete(event)
        return rows
    }
}
