import GrapnelCore

/// What changes about an effect: how its sending stands and, when it is an output, how its delivery does.
///
/// A narrow row of its own. Verbs read it, change it here, and write it back whole.
struct Outcome: Sendable, Hashable {
    var effect: Identifier<Effect>
    var connection: String
    var effectClass: EffectClass
    var state: EffectState
    var sends = 0
    var maybeDuplicate = false
    var humanSaidResend = false
    /// How long the vendor recognises the key, from the first sending on.
    var keyWindow: Duration?
    var keyValidUntil: Timestamp?
    var status: Int?
    var failure: CallFailure?
    var sentAt: Timestamp?
    var settledAt: Timestamp?
    /// The state of the delivery; `nil` for a call.
    var delivery: WorkState?
    var deadReason: DeadReason?
    var parkReason: ParkReason?
    var counters = WorkCounters()
    var dueAt: Timestamp?
    var fence: Int64 = 0
    var leaseUntil: Timestamp?
    var leaseEpoch: Int64?
    /// How often it was looked up since it became unknown; `nil` when it cannot be.
    var lookups: Int?
    /// The key of the line that the output stands in, among those of its connection; `nil` for none.
    var lane: String?
    /// Its place in that line.
    var ticket: Int64?
    /// When it is due once its line lets it, as it was held.
    var notBefore: Timestamp?
    /// The moment that it is meant for; `nil` for the one of its making.
    var plannedFor: Timestamp?

    /// Puts the delivery where a decision wants it.
    mutating func place(_ placement: WorkPlacement) {
        delivery = placement.state
        deadReason = placement.deadReason
        parkReason = placement.parkReason
        dueAt = placement.dueAt
        leaseUntil = nil
        leaseEpoch = nil
    }

    /// Leases the delivery and counts a sending that is about to begin.
    ///
    /// - Parameter again: Whether an earlier sending may have arrived.
    mutating func begin(again: Bool, now: Timestamp, leaseUntil until: Timestamp, epoch: Int64) {
        // After a definite failure the vendor never saw the key, so its window starts anew once it has run out.
        if let keyWindow, state != .unknown, keyValidUntil.map({ $0 <= now }) ?? true {
            keyValidUntil = now + keyWindow
        }
        state = .inFlight
        sends += 1
        sentAt = now
        settledAt = nil
        if lookups != nil { lookups = 0 }
        if again { maybeDuplicate = true }
        // A human's word is good for one sending.
        humanSaidResend = false
        lease(until: until, epoch: epoch)
    }

    /// Leases the delivery, to send it or to look it up.
    mutating func lease(until: Timestamp, epoch: Int64) {
        delivery = .leased
        deadReason = nil
        parkReason = nil
        dueAt = nil
        fence += 1
        leaseUntil = until
        leaseEpoch = epoch
    }

    /// Takes back the sending that a claim counted and that did not take place.
    mutating func handBack() {
        let claimedAt = sentAt
        sends = max(sends - 1, 0)
        state = .intended
        guard maybeDuplicate, sends > 0 else { return }
        // What was unknown before the claim still is. Where the class alone forbids another sending, a human had
        // allowed it, and that word was not used.
        state = .unknown
        let byClass = UnknownPolicy.decide(
            effectClass, keyValidUntil: keyValidUntil, canLookUp: lookups != nil, humanSaidResend: false,
            now: claimedAt ?? Timestamp(milliseconds: .max))
        if byClass == .park || byClass == .lookUp { humanSaidResend = true }
    }

    /// What may be done about an outcome that nobody knows.
    func unknownPolicy(now: Timestamp) -> UnknownPolicy {
        UnknownPolicy.decide(
            effectClass, keyValidUntil: keyValidUntil, canLookUp: lookups != nil, humanSaidResend: humanSaidResend,
            now: now)
    }

    /// Copies what it knows into the ledger's row as callers see it.
    func apply(to effect: inout Effect) {
        effect.effectClass = effectClass
        effect.state = state
        effect.sends = sends
        effect.maybeDuplicate = maybeDuplicate
        effect.humanSaidResend = humanSaidResend
        effect.keyValidUntil = keyValidUntil
        effect.lookups = lookups
        effect.status = status
        effect.failure = failure
        effect.sentAt = sentAt
        effect.settledAt = settledAt
    }
}
