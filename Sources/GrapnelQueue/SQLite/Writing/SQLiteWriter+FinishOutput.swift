import GrapnelCore

extension SQLiteWriter {
    /// Ends an attempt of an output; `false` when its fence was lost.
    func finishOutput(_ finish: OutputFinish) throws -> Bool {
        guard let old = try outcomes.find(finish.effect), old.delivery == .leased, old.fence == finish.fence else {
            return false
        }
        let now = clock.now()
        var new = old
        new.state = finish.state
        if finish.state == .intended {
            new.handBack()
            new.failure = finish.failure ?? new.failure
            if case .die = finish.decision { new.settledAt = now }
        } else {
            new.status = finish.status
            new.failure = finish.failure
            // What was only looked up is as old as it was.
            if old.state != finish.state { new.settledAt = now }
            if case .die = finish.decision {} else if !finish.isLookup { new.keepUnknown(now: now) }
        }
        if finish.isLookup, let lookups = old.lookups { new.lookups = lookups + 1 }
        new.counters = finish.counters
        new.place(try placement(of: finish, to: old.connection, now: now))
        try update(old, to: new)
        if finish.state == .confirmed, let output = finish.output { try effects.setOutput(output, of: finish.effect) }
        if let attempt = finish.attempt { try attempts.insert(attempt, of: finish.effect) }
        return true
    }
}
