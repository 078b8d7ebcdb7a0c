import GrapnelCore

extension SQLiteWriter {
    /// A run that was leased, without its event: readers fetch that, so that bodies do not hold up the writer.
    struct ClaimedRun: Sendable {
        var run: Run
        var fence: Int64
        var hasEffects: Bool
    }

    /// How often a claim looks again because lines had no place for what was due: 8 times.
    private static let looks = 8

    /// Leases due runs.
    func claimRuns(_ claim: RunClaim, now: Timestamp) throws -> [ClaimedRun] {
        var claimed: [ClaimedRun] = []
        var claim = claim
        claim.limit = max(claim.limit, 1)
        claim.excludedRecipes.formUnion(try pauses.names(of: .recipe))
        var looks = 0
        var hasMore = true
        // Holding a run back makes room for another, so it goes on until enough are leased or none is left.
        while hasMore, claim.limit > 0 {
            guard looks < SQLiteWriter.looks else {
                hasMadeWork = true
                break
            }
            looks += 1
            hasMore = false
            for candidate in try runs.due(claim, before: now, places: &claimPlaces) {
                guard let run = try runs.find(candidate.id) else { continue }
                guard try hasPlace(run) else {
                    hasMore = true
                    continue
                }
                guard let fence = try runs.lease(run.id, until: leaseClock.now() + claim.lease, epoch: epoch) else {
                    continue
                }
                counters.moveRun(from: run.state, to: .leased)
                var leased = run
                leased.state = .leased
                leased.dueAt = nil
                claimed.append(
                    ClaimedRun(run: leased, fence: fence, hasEffects: try effects.hasAny(of: run.origin)))
                claim.limit -= 1
                if let room = claim.rooms[run.recipe] { claim.rooms[run.recipe] = room - 1 }
            }
        }
        return claimed
    }

    /// Leases due outputs; those that must not be sent again by themselves are parked.
    func claimOutputs(_ claim: OutputClaim, now: Timestamp) throws -> [Outcome] {
        var claimed: [Outcome] = []
        let limit = max(claim.limit, 1)
        let excluded = claim.excludedConnections.union(try pauses.names(of: .connection))
        var hasMore = true
        // Parking makes room for more, so it goes on until enough are leased or none is left.
        while hasMore, claimed.count < limit {
            let wanted = limit - claimed.count
            let candidates = try outcomes.due(before: now, excluding: excluded, limit: wanted)
            hasMore = candidates.count == wanted
            for candidate in candidates {
                guard let old = try outcomes.find(candidate.id) else { continue }
                var new = old
                switch (old.state, old.unknownPolicy(now: now)) {
                case (.intended, _), (.failed, _):
                    new.begin(again: false, now: now, leaseUntil: leaseClock.now() + claim.lease, epoch: epoch)
                    claimed.append(new)
                case (.confirmed, _):
                    new.place(WorkPlacement(.succeed, now: now))
                case (.unknown, .resend(let again)), (.inFlight, .resend(let again)):
                    new.begin(again: again, now: now, leaseUntil: leaseClock.now() + claim.lease, epoch: epoch)
                    claimed.append(new)
                case (.unknown, .lookUp), (.inFlight, .lookUp):
                    // Nothing is sent: its node asks the vendor.
                    new.state = .unknown
                    new.lease(until: leaseClock.now() + claim.lease, epoch: epoch)
                    claimed.append(new)
                case (.unknown, .park), (.inFlight, .park):
                    new.place(WorkPlacement(.park(.unknownEffect), now: now))
                }
                try update(old, to: new)
            }
        }
        return claimed
    }

    /// Prolongs leases; returns those that are lost.
    func extendLeases(_ leases: LeaseExtension) throws -> LostLeases {
        let until = leaseClock.now() + leases.lease
        var lost = LostLeases()
        for (run, fence) in leases.runs where try !runs.extend(run, fence: fence, until: until, epoch: epoch) {
            lost.runs.insert(run)
        }
        for (output, fence) in leases.outputs
        where try !outcomes.extend(output, fence: fence, until: until, epoch: epoch) {
            lost.outputs.insert(output)
        }
        lost.cancelledRuns = try cancelRequests.among(leases.runs.keys).subtracting(lost.runs)
        return lost
    }
}
