import GrapnelCore

extension SQLiteWriter {
    /// Deletes old requests whose work is over, with all that hangs on them; then old rejections, store entries and
    /// delivery ids that have expired.
    func prune(_ pruning: Pruning) throws -> PruningReport {
        let now = clock.now()
        let limit = max(pruning.limit, 1)
        var report = PruningReport(events: 0, hasMore: false)
        var rows = 0
        // Requests are numbered in the order of their commits, which is the order of their arrival.
        let isOverfull = try pruning.keep.map { try storedBytes() > $0.bytes } ?? false
        let oldest = try requests.older(after: pruningPlace, limit: limit)
        var reachedEnd = oldest.count < limit
        for request in oldest {
            guard request.receivedAt < pruning.before || isOverfull else {
                reachedEnd = true
                break
            }
            guard rows < limit else {
                reachedEnd = false
                break
            }
            pruningPlace = request.number
            guard try isOver(request) else { continue }
            for event in request.events { rows += try delete(event, now: now) }
            try requests.delete(request.number)
            rows += 1
            report.events += request.events.count
        }
        if reachedEnd { pruningPlace = 0 }
        let rejected = try rejections.expire(before: pruning.before, limit: limit)
        let expired = try keyValues.expire(now: now, limit: limit)
        let full = try rates.expire(now: now, limit: limit)
        let gathered = try gatherings.expire(now: now, limit: limit)
        let next = try dedupe.sweep(from: sweepingPlace, limit: limit, now: now)
        sweepingPlace = next ?? DedupeTable.Place()
        report.hasMore = !reachedEnd || [rejected, expired, full, gathered].contains(limit)
        return report
    }

    /// What the rows take up. Free pages of the file are used again and do not count.
    private func storedBytes() throws -> Int {
        func number(_ name: String) throws -> Int {
            try Statement("PRAGMA \(name)", on: connection).first { $0.count() } ?? 0
        }
        return (try number("page_count") - number("freelist_count")) * (try number("page_size"))
    }

    /// Whether nothing of a request waits for anything.
    private func isOver(_ request: RequestTable.Old) throws -> Bool {
        for event in request.events {
            for run in try runs.runs(of: event) {
                guard run.state.isTerminal else { return false }
                // A replay that kept its origin finds nothing under its own identity.
                for outcome in try effects.outcomes(of: run.id) {
                    guard outcome.delivery?.isTerminal ?? (outcome.state != .inFlight) else { return false }
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
            counters.add(.run(run.state), -1)
        }
        if let (tenant, source, id) = delivery, let id {
            // One that is still remembered stays, and is forgotten by the sweep.
            try dedupe.forget(tenant: tenant, source: source, delivery: id, event: event, now: now)
        }
        try gatherings.remove(event)
        try replies.delete(to: event)
        try events.delete(event)
        return rows
    }
}
