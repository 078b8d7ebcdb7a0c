import GrapnelCore
import GrapnelQueue

/// What a queue is meant to be, in dictionaries: no files, no indexes, no batches. Random commands go to it and to an
/// engine, and both must say the same.
///
/// Where an engine may choose (whose run a claim takes first) the model does not: it checks that the choice is allowed, and
/// follows it.
struct QueueModel {
    struct Request {
        var events: [Identifier<Event>]
        var receivedAt: Timestamp
        var number: Int
    }

    struct StoredEvent {
        var delivery: String?
        var fingerprint: [UInt8]
        var conflictOf: Identifier<Event>?
    }

    struct Delivery {
        var event: Identifier<Event>
        var fingerprint: [UInt8]
        var expiresAt: Timestamp
    }

    /// Where work stands: the same for runs and for deliveries of outputs.
    struct Work: Equatable {
        var state: WorkState
        var deadReason: DeadReason?
        var parkReason: ParkReason?
        var counters = WorkCounters()
        var dueAt: Timestamp?
        var fence: Int64 = 0
        var leaseUntil: Timestamp?
        var epoch = 0
        /// Whether it is the delivery of an output: what arrived has arrived, cancelled or not.
        var isDelivery = false
        /// A person cancelled it while it was leased.
        var isCancelRequested = false
    }

    struct StoredRun {
        var event: Identifier<Event>
        var recipe: String
        var origin: Identifier<Run>
        var work: Work
    }

    /// The name of an effect: its origin and its step.
    struct Step: Hashable {
        var origin: Identifier<Run>
        var name: String
    }

    struct StoredEffect {
        var id: Identifier<Effect>
        var run: Identifier<Run>
        var kind: EffectKind
        var connection: String
        var effectClass: EffectClass
        var fingerprint: [UInt8]
        var state: EffectState
        var sends = 0
        var maybeDuplicate = false
        var humanSaidResend = false
        var keyWindow: Duration?
        var keyValidUntil: Timestamp?
        var sentAt: Timestamp?
        var output: [UInt8]?
        /// `nil` for a call.
        var delivery: Work?
        /// The key of its line among the outputs of its connection, its place there, and when it is due once that lets it.
        var lane: String?
        var ticket = 0
        var notBefore: Timestamp?
    }

    struct Entry: Equatable {
        var value: [UInt8]
        var version: Int64
    }

    var requests: [Request] = []
    var events: [Identifier<Event>: StoredEvent] = [:]
    var deliveries: [String: Delivery] = [:]
    var runs: [Identifier<Run>: StoredRun] = [:]
    var effects: [Step: StoredEffect] = [:]
    var store: [String: Entry] = [:]
    var duplicates = 0
    var conflicts = 0
    /// Counts the openings.
    var epoch = 1
    /// Counts the places in lines.
    var tickets = 0

    /// The step of an effect.
    func step(of id: Identifier<Effect>) -> Step? { effects.first { $0.value.id == id }?.key }

    // MARK: Accepting

    mutating func accept(_ accepted: AcceptedRequest, now: Timestamp) -> AcceptedResult {
        var result = AcceptedResult(dispositions: [], leased: [])
        var stored: [Identifier<Event>] = []
        for new in accepted.events {
            let disposition = disposition(of: new, until: now + accepted.dedupeWindow, now: now)
            result.dispositions.append(disposition)
            var event = StoredEvent(delivery: new.event.deliveryID, fingerprint: new.fingerprint)
            switch disposition {
            case .duplicate:
                duplicates += 1
                continue
            case .conflict(let original):
                event.conflictOf = original
                conflicts += 1
            case .stored:
                for run in new.runs {
                    var work = Work(state: .ready, dueAt: now)
                    if run.startNow {
                        work = Work(state: .leased, fence: 1, leaseUntil: now + accepted.lease, epoch: epoch)
                    }
                    runs[run.id] = StoredRun(event: new.event.id, recipe: run.recipe, origin: run.id, work: work)
                }
            }
            events[new.event.id] = event
            stored.append(new.event.id)
        }
        if !stored.isEmpty {
            requests.append(
                Request(events: stored, receivedAt: accepted.request.receivedAt, number: requests.count))
        }
        return result
    }

    private mutating func disposition(
        of new: AcceptedRequest.NewEvent, until: Timestamp, now: Timestamp
    ) -> AcceptedResult.Disposition {
        guard let delivery = new.event.deliveryID else { return .stored }
        guard let known = deliveries[delivery], known.expiresAt > now else {
            deliveries[delivery] = Delivery(event: new.event.id, fingerprint: new.fingerprint, expiresAt: until)
            return .stored
        }
        if known.fingerprint == new.fingerprint { return .duplicate(of: known.event) }
        let earlier = events.first { $0.value.conflictOf == known.event && $0.value.fingerprint == new.fingerprint }
        return earlier.map { .duplicate(of: $0.key) } ?? .conflict(with: known.event)
    }

    // MARK: Time and people

    /// The hub stopped and started.
    mutating func restart() {
        epoch += 1
        let runs = runs
        abandonCalls { runs[$0].map { $0.work.state != .leased } ?? false }
    }

    /// Nobody knows any more what became of the calls that are being sent for some runs; returns how many those are.
    @discardableResult
    mutating func abandonCalls(of isConcerned: (Identifier<Run>) -> Bool) -> Int {
        let abandoned = effects.filter {
            $0.value.kind == .call && $0.value.state == .inFlight && isConcerned($0.value.run)
        }
        for step in abandoned.keys { effects[step]?.state = .unknown }
        return abandoned.count
    }

    mutating func extend(_ leases: LeaseExtension, now: Timestamp) -> LostLeases {
        var lost = LostLeases()
        for (id, fence) in leases.runs {
            if isLeased(id, fence: fence) {
                if runs[id]?.work.isCancelRequested == true { lost.cancelledRuns.insert(id) }
                runs[id]?.work.leaseUntil = now + leases.lease
                runs[id]?.work.epoch = epoch
            } else {
                lost.runs.insert(id)
            }
        }
        for (id, fence) in leases.outputs {
            if let step = step(of: id), effects[step]?.delivery?.state == .leased,
                effects[step]?.delivery?.fence == fence
            {
                effects[step]?.delivery?.leaseUntil = now + leases.lease
                effects[step]?.delivery?.epoch = epoch
            } else {
                lost.outputs.insert(id)
            }
        }
        return lost
    }

    mutating func rescue(now: Timestamp) -> LeaseRescueReport {
        var report = LeaseRescueReport()
        for (id, run) in runs where isLost(run.work, now: now) {
            report.runs += 1
            report.unknownEffects += abandonCalls { $0 == id }
            let work = requeued(run.work, parks: false, now: now)
            runs[id]?.work = work
        }
        for (step, effect) in effects {
            guard let delivery = effect.delivery, isLost(delivery, now: now) else { continue }
            report.outputs += 1
            if effect.state == .inFlight {
                effects[step]?.state = .unknown
                report.unknownEffects += 1
            }
            let parks = effects[step]?.state == .unknown && policy(of: effect, now: now) == .park
            let requeued = requeued(delivery, parks: parks, now: now)
            effects[step]?.delivery = requeued
            lineUp(step, wasOver: false, now: now)
        }
        return report
    }

    private func isLost(_ work: Work, now: Timestamp) -> Bool {
        guard work.state == .leased else { return false }
        return work.epoch != epoch || (work.leaseUntil ?? now) <= now
    }

    private func requeued(_ work: Work, parks: Bool, now: Timestamp) -> Work {
        var next = work
        next.counters.losses += 1
        next.leaseUntil = nil
        next.place(next.counters.losses >= 20 ? .die(.exhausted) : parks ? .park(.unknownEffect) : .retry(at: now), now)
        return next
    }

    mutating func replay(_ replay: RunReplay, now: Timestamp) -> QueueError.Code? {
        guard let old = runs[replay.run] else { return .notFound }
        guard old.work.state.isTerminal else { return .conflict }
        let isShared = runs.values.contains { $0.origin == old.origin && !$0.work.state.isTerminal }
        if replay.mode == .missing, isShared { return .conflict }
        for (step, effect) in effects
        where replay.mode == .missing && step.origin == old.origin && effect.kind == .call && effect.state == .failed {
            if effect.maybeDuplicate { effects[step]?.state = .unknown } else { effects[step]?.humanSaidResend = true }
        }
        runs[replay.newRun] = StoredRun(
            event: old.event, recipe: old.recipe, origin: replay.mode == .missing ? old.origin : replay.newRun,
            work: Work(state: .ready, dueAt: now))
        return nil
    }

    mutating func release(_ release: ConflictRelease, now: Timestamp) -> QueueError.Code? {
        guard let event = events[release.event] else { return .notFound }
        guard event.conflictOf != nil, !runs.values.contains(where: { $0.event == release.event }) else {
            return .conflict
        }
        for run in release.runs {
            runs[run.id] = StoredRun(
                event: release.event, recipe: run.recipe, origin: run.id, work: Work(state: .ready, dueAt: now))
        }
        return nil
    }

    mutating func cancel(_ cancellation: Cancellation, now: Timestamp) -> CancellationReport {
        var report = CancellationReport()
        for id in cancellation.runs {
            guard let run = runs[id] else { continue }
            if run.work.state == .leased {
                runs[id]?.work.isCancelRequested = true
                report.endingRuns.insert(id)
            } else if !run.work.state.isTerminal {
                runs[id]?.work.cancel()
                report.runs.insert(id)
            }
            for (step, effect) in effects where step.origin == run.origin && effect.run == id {
                cancelDelivery(step, &report, now: now)
            }
        }
        for id in cancellation.outputs {
            if let step = step(of: id) { cancelDelivery(step, &report, now: now) }
        }
        return report
    }

    private mutating func cancelDelivery(_ step: Step, _ report: inout CancellationReport, now: Timestamp) {
        guard let effect = effects[step], let delivery = effect.delivery, !delivery.state.isTerminal else { return }
        if delivery.state == .leased {
            effects[step]?.delivery?.isCancelRequested = true
            report.endingOutputs.insert(effect.id)
        } else {
            effects[step]?.delivery?.cancel()
            lineUp(step, wasOver: false, now: now)
            report.outputs.insert(effect.id)
        }
    }

    // MARK: Deleting

    /// Deletes what was received before a moment and is over; returns how many events those were.
    mutating func prune(before: Timestamp, now: Timestamp) -> Int {
        var count = 0
        for request in requests where request.receivedAt < before && isOver(request, now: now) {
            for event in request.events {
                count += 1
                for (id, run) in runs where run.event == event {
                    for (step, effect) in effects where step.origin == id || effect.run == id {
                        effects[step] = nil
                    }
                    runs[id] = nil
                }
                events[event] = nil
            }
        }
        requests.removeAll { request in request.events.allSatisfy { events[$0] == nil } }
        return count
    }

    private func isOver(_ request: Request, now: Timestamp) -> Bool {
        request.events.allSatisfy { event in
            runs.allSatisfy { id, run in
                guard run.event == event else { return true }
                guard run.work.state.isTerminal else { return false }
                return effects.allSatisfy { step, effect in
                    guard step.origin == id else { return true }
                    if let until = effect.keyValidUntil, until > now { return false }
                    return effect.delivery?.state.isTerminal ?? (effect.state != .inFlight)
                }
            }
        }
    }

    // MARK: What all share

    func isLeased(_ id: Identifier<Run>, fence: Int64) -> Bool {
        guard let work = runs[id]?.work else { return false }
        return work.state == .leased && work.fence == fence
    }

    func policy(of effect: StoredEffect, now: Timestamp) -> UnknownPolicy {
        UnknownPolicy.decide(
            effect.effectClass, keyValidUntil: effect.keyValidUntil, canLookUp: false,
            humanSaidResend: effect.humanSaidResend, now: now)
    }

    /// The run that waits for what is known about an effect: of its line of replays one at most is not over.
    func runParked(for step: Step) -> Identifier<Run>? {
        runs.first {
            $0.value.origin == step.origin && $0.value.work.state == .parked
                && $0.value.work.parkReason == .unknownEffect
        }?.key
    }

    /// Makes that run ready.
    mutating func wakeRun(waitingFor step: Step, now: Timestamp) {
        guard let id = runParked(for: step) else { return }
        runs[id]?.work.place(.retry(at: now), now)
    }

    /// What a sending that definitely came to nothing leaves: what was unknown before it still is.
    static func keepUnknown(_ effect: inout StoredEffect, now: Timestamp) {
        guard effect.state == .failed, effect.maybeDuplicate else { return }
        effect.state = .unknown
        let byClass = UnknownPolicy.decide(
            effect.effectClass, keyValidUntil: effect.keyValidUntil, canLookUp: false, humanSaidResend: false,
            now: effect.sentAt ?? now)
        if byClass == .park { effect.humanSaidResend = true }
    }
}

extension QueueModel.Work {
    /// Goes where a decision wants it.
    mutating func place(_ decision: WorkDecision, _ now: Timestamp) {
        let isCancelled = state == .leased && isCancelRequested
        isCancelRequested = false
        (deadReason, parkReason, dueAt, leaseUntil) = (nil, nil, nil, nil)
        defer { if isCancelled, !isDelivery || !state.isTerminal { cancel() } }
        switch decision {
        case .succeed: state = .succeeded
        case .retry(let at):
            state = at > now ? .scheduled : .ready
            dueAt = at
        case .die(let reason):
            state = .dead
            deadReason = reason
        case .park(let reason):
            state = .parked
            parkReason = reason
        }
    }

    /// Ends because nobody wants it.
    mutating func cancel() {
        state = .cancelled
        (deadReason, parkReason, dueAt, leaseUntil) = (nil, nil, nil, nil)
    }

    /// Whether a claim may take it.
    func isDue(_ now: Timestamp) -> Bool {
        guard state == .ready || state == .scheduled, let dueAt else { return false }
        return dueAt <= now
    }
}
