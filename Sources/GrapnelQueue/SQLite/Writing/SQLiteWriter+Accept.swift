import GrapnelCore

extension SQLiteWriter {
    /// Stores a request, its events, their delivery ids and their runs.
    ///
    /// - Parameters:
    ///   - accepted: The request and what it becomes.
    ///   - headers: Its header fields, encoded by the caller so that this thread need not.
    func accept(_ accepted: AcceptedRequest, headers: [UInt8]) throws -> AcceptedResult {
        let result = try store(accepted, headers: headers, now: clock.now())
        // What the hub made itself did not come in.
        if accepted.verdict != .internal { counters.add(.requests) }
        return result
    }

    /// The same for events that the hub makes: their requests were never sent.
    func store(_ accepted: AcceptedRequest, headers: [UInt8], now: Timestamp) throws -> AcceptedResult {
        let number = try requests.nextNumber()
        var result = AcceptedResult(dispositions: [], leased: [])
        result.dispositions.reserveCapacity(accepted.events.count)
        var stored: [Identifier<Event>] = []
        for new in accepted.events {
            let disposition = try disposition(of: new, until: now + accepted.dedupeWindow, now: now)
            result.dispositions.append(disposition)
            switch disposition {
            case .stored:
                try events.insert(new.event, request: number, conflict: nil)
                stored.append(new.event.id)
                counters.add(.events)
                for run in new.runs {
                    switch try insert(run, of: new.event, lease: accepted.lease, now: now) {
                    case .leased(let leased): result.leased.append(leased)
                    case .held: result.held.insert(run.id)
                    case .waits: break
                    }
                }
            case .conflict(let original):
                var event = new.event
                event.conflictOf = original
                try events.insert(event, request: number, conflict: new.fingerprint)
                stored.append(event.id)
                counters.add(.events)
                counters.add(.conflicts)
            case .duplicate:
                counters.add(.duplicates)
            }
        }
        // An empty batch is a request that was accepted; one that brought only duplicates leaves no trace.
        if !stored.isEmpty || accepted.events.isEmpty {
            try requests.insert(accepted, number: number, headers: headers, events: stored)
            counters.addBytes(headers.count + accepted.request.body.count, of: accepted.source)
        }
        return result
    }

    private func disposition(
        of new: AcceptedRequest.NewEvent, until: Timestamp, now: Timestamp
    ) throws -> AcceptedResult.Disposition {
        guard let delivery = new.event.deliveryID,
            let known = try dedupe.remember(
                new.event, delivery: delivery, fingerprint: new.fingerprint, until: until, now: now)
        else { return .stored }
        if known.fingerprint == new.fingerprint { return .duplicate(of: known.event) }
        // A conflicting delivery is repeated by its vendor too.
        if let earlier = try events.conflict(with: known.event, fingerprint: new.fingerprint) {
            return .duplicate(of: earlier)
        }
        return .conflict(with: known.event)
    }

    /// What became of a new run.
    private enum Insertion {
        case leased(LeasedRun)
        /// It waits for a node.
        case waits
        /// It waits for somebody to resume its source or its recipe.
        case held
    }

    private func insert(
        _ new: AcceptedRequest.NewRun, of event: Event, lease: Duration, now: Timestamp
    ) throws -> Insertion {
        let isParked = try pauses.names(of: .source).contains(event.source)
        let isHeld = try isParked || pauses.names(of: .recipe).contains(new.recipe)
        let startsNow = new.startNow && !isHeld
        let run = Run(
            id: new.id, tenant: event.tenant, event: event.id, recipe: new.recipe, version: new.version,
            origin: new.id, state: .ready, dueAt: now, createdAt: now, plannedFor: new.dueAt)
        let arrival = Arrival(
            run: run, flow: new.flow, heldBy: isParked ? event.source : nil, lease: startsNow ? lease : nil,
            bytes: event.raw.count + (event.value?.count ?? 0))
        switch try enter(arrival, now: now) {
        case .leased(let leased):
            let batch = leased.batch == nil ? [] : [event]
            return .leased(LeasedRun(run: leased, event: event, fence: 1, hasEffects: false, batch: batch))
        case .waits, .joined: return isHeld ? .held : .waits
        }
    }

    /// Makes the runs of a conflicting event.
    func release(_ release: ConflictRelease) throws -> [Identifier<Run>] {
        guard let (tenant, conflictOf) = try events.find(release.event) else {
            throw QueueError(.notFound, "there is no event \(release.event)")
        }
        guard conflictOf != nil else {
            throw QueueError(.conflict, "event \(release.event) is not in conflict; its runs were made when it came")
        }
        guard try runs.runs(of: release.event).isEmpty else {
            throw QueueError(.conflict, "event \(release.event) was released before; replay its runs instead")
        }
        let now = clock.now()
        var made: [Identifier<Run>] = []
        for new in release.runs {
            let run = Run(
                id: new.id, tenant: tenant, event: release.event, recipe: new.recipe, version: new.version,
                origin: new.id, state: .ready, dueAt: now, createdAt: now)
            let bytes = new.flow.gathering == nil ? 0 : try gatherings.size(of: release.event)
            switch try enter(Arrival(run: run, flow: new.flow, bytes: bytes), now: now) {
            case .leased, .waits: made.append(run.id)
            case .joined(let batch): made.append(batch)
            }
        }
        return made
    }

    /// Keeps a rejected request.
    func record(_ rejection: RejectedRequest) throws {
        try rejections.insert(rejection, most: limits.rejectedRequests)
        counters.add(.rejection(rejection.kind))
    }
}
