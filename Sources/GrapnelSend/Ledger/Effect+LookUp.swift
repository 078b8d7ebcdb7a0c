package import GrapnelCore

extension Effect {
    /// An end is recorded a moment after it came, and a delivery that waits for its look-up counts from the end: sooner by
    /// this share of the wait is not too soon. A sixtieth.
    private static let recording = 60

    /// How long to wait before the vendor is asked whether it took place; `nil` when it may be asked now.
    ///
    /// It goes by when the end of the sending was recorded, or that nobody knows it: what is about to be sent may stand in a
    /// line, and wait for the disk, for long after it was begun.
    ///
    /// - Parameters:
    ///   - after: How long after the sending it may be looked up (`reconcile.after`).
    ///   - now: Wall-clock time.
    package func waitBeforeLookUp(after: Duration, now: Timestamp) -> Duration? {
        guard let ended = settledAt ?? sentAt else { return nil }
        let wait = ended + after - now
        return wait > after / Effect.recording ? wait : nil
    }
}
