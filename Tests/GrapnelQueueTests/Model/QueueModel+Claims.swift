import GrapnelCore
import GrapnelQueue
import Testing

extension QueueModel {
    /// Checks that an engine leased what it may, and follows it.
    mutating func claim(_ claim: RunClaim, gave leased: [LeasedRun], now: Timestamp) throws {
        let due = runs.filter { $0.value.work.isDue(now) && !claim.excludedRecipes.contains($0.value.recipe) }
        try #require(leased.count == min(claim.limit, due.count))
        let recipes = Dictionary(grouping: leased) { $0.run.recipe }
        for (recipe, taken) in recipes {
            let oldest = due.filter { $0.value.recipe == recipe }
                .sorted {
                    ($0.value.work.dueAt ?? now, $0.key) < ($1.value.work.dueAt ?? now, $1.key)
                }
            try #require(
                taken.map(\.run.id) == oldest.prefix(taken.count).map(\.key), "the oldest of a recipe come first")
        }
        for run in leased {
            guard var stored = runs[run.run.id] else { continue }
            stored.work.fence += 1
            try #require(run.fence == stored.work.fence)
            try #require(run.hasEffects == effects.keys.contains { $0.origin == stored.origin })
            stored.work.state = .leased
            stored.work.dueAt = nil
            stored.work.leaseUntil = now + claim.lease
            stored.work.epoch = epoch
            runs[run.run.id] = stored
        }
    }

    /// Checks that an engine leased or parked what it may, and follows it.
    ///
    /// - Parameter parked: The outputs that the engine says are parked now.
    mutating func claim(
        _ claim: OutputClaim, gave leased: [LeasedOutput], parked: Set<Identifier<Effect>>, now: Timestamp
    ) throws {
        let due = effects.filter {
            $0.value.delivery?.isDue(now) == true && !claim.excludedConnections.contains($0.value.connection)
        }
        let forbidden = due.filter { $0.value.state == .unknown && policy(of: $0.value, now: now) == .park }
        try #require(leased.count == min(claim.limit, due.count - forbidden.count))
        for (step, effect) in forbidden {
            // One that came after enough were leased may wait for the next claim.
            try #require(parked.contains(effect.id) || leased.count == claim.limit)
            if parked.contains(effect.id) { effects[step]?.delivery?.place(.park(.unknownEffect), now) }
        }
        for output in leased {
            guard let step = step(of: output.effect.id), due[step] != nil, forbidden[step] == nil else {
                throw BenchFailure("\(output.effect.id) may not be sent")
            }
            begin(step, lease: claim.lease, now: now)
            try #require(output.fence == effects[step]?.delivery?.fence)
            try #require(output.effect.sends == effects[step]?.sends)
        }
    }

    /// Leases the delivery of an output, and counts its sending.
    mutating func begin(_ step: Step, lease: Duration, now: Timestamp) {
        guard var effect = effects[step], var delivery = effect.delivery else { return }
        var isRepeat = false
        if effect.state == .unknown, case .resend(let again) = policy(of: effect, now: now) { isRepeat = again }
        if let window = effect.keyWindow, effect.state != .unknown, effect.keyValidUntil.map({ $0 <= now }) ?? true {
            effect.keyValidUntil = now + window
        }
        effect.state = .inFlight
        effect.sends += 1
        effect.sentAt = now
        effect.maybeDuplicate = effect.maybeDuplicate || isRepeat
        effect.humanSaidResend = false
        delivery.state = .leased
        (delivery.deadReason, delivery.parkReason, delivery.dueAt) = (nil, nil, nil)
        delivery.fence += 1
        delivery.leaseUntil = now + lease
        delivery.epoch = epoch
        effect.delivery = delivery
        effects[step] = effect
    }
}
