import GrapnelCore

extension Outcome {
    /// Keeps unknown what was unknown before a sending that definitely came to nothing: that one failed, and an earlier
    /// one may have arrived all the same.
    ///
    /// Without this a vendor's window would begin anew with the next sending, after the vendor has forgotten the key.
    mutating func keepUnknown(now: Timestamp) {
        guard state == .failed, maybeDuplicate else { return }
        state = .unknown
        let byClass = UnknownPolicy.decide(
            effectClass, keyValidUntil: keyValidUntil, canLookUp: lookups != nil, humanSaidResend: false,
            now: sentAt ?? now)
        // Where only a human could allow it, that word was not used.
        if byClass == .park { humanSaidResend = true }
    }

    /// Makes unknown again what ended with a refusal although an earlier sending may have arrived: whoever finishes a run
    /// gets what the class allows, and not one more sending under a key that the vendor may have forgotten.
    mutating func reopen() {
        if state == .failed, maybeDuplicate { state = .unknown }
    }
}
