import GrapnelCore

/// An enumeration whose cases are stored as small numbers: their places in a list that only ever grows at its end.
protocol StoredCode: Hashable, Sendable {
    /// The cases in the order of their numbers.
    static var stored: [Self] { get }
}

extension StoredCode {
    /// The number of this case.
    var code: Int64 { Int64(Self.stored.firstIndex(of: self) ?? 0) }

    /// The case of a stored number; `nil` when there is none.
    init?(code: Int64) {
        guard let index = Int(exactly: code), Self.stored.indices.contains(index) else { return nil }
        self = Self.stored[index]
    }
}

extension WorkState: StoredCode {
    // The partial indexes of the schema know these numbers: waiting is at most 1, leased is 2, stopped at least 4.
    static let stored: [WorkState] = [.scheduled, .ready, .leased, .succeeded, .dead, .parked, .cancelled]
}

extension DeadReason: StoredCode {
    static let stored: [DeadReason] = [.exhausted, .rejected, .poison, .nondeterministic, .expired, .dropped]
}

extension ParkReason: StoredCode {
    static let stored: [ParkReason] = [
        .unknownEffect, .connectionPaused, .connectionUnauthorized, .quarantined, .recipeGone, .sourcePaused, .offline,
    ]
}

extension PauseKind: StoredCode {
    static let stored: [PauseKind] = [.source, .recipe, .connection]
}

extension EffectState: StoredCode {
    // The partial index of the schema knows that failed and unknown are at least 3.
    static let stored: [EffectState] = [.intended, .inFlight, .confirmed, .failed, .unknown]
}

extension EffectClass: StoredCode {
    static let stored: [EffectClass] = [.safe, .idempotent, .vendorKey, .reconcile, .atLeastOnce, .atMostOnce]
}

extension EffectKind: StoredCode {
    static let stored: [EffectKind] = [.call, .output]
}

extension EventBodyKind: StoredCode {
    static let stored: [EventBodyKind] = [.json, .value, .text, .absent]
}

extension RejectionKind: StoredCode {
    static let stored: [RejectionKind] = [
        .missingSignature, .malformedSignature, .repeatedSignature, .wrongSignature, .missingTimestamp,
        .malformedTimestamp, .staleTimestamp, .futureTimestamp, .missingPart, .bodyDigestMismatch, .wrongKey,
        .noActiveSecret,
    ]
}

extension AttemptFailureKind: StoredCode {
    static let stored: [AttemptFailureKind] = [
        .threw, .exit, .wall, .cpu, .memory, .syscall, .crash, .protocol, .discarded, .retryAfter, .badOutput,
        .nondeterministic, .bundle, .callFailed, .callUnknown, .leaseLost, .handedBack,
        .limit, .expired,
    ]
}
