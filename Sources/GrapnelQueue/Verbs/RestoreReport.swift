/// What nobody knows any more after a restore.
package struct RestoreReport: Sendable, Hashable {
    /// How often this database was restored, this time included.
    package var epoch: Int64
    /// Effects that may have been sent after the backup; each is handled by its class.
    package var unknownEffects: Int
    /// Lines of replays that were under way: what they send now may have been sent before.
    package var uncertainOrigins: Int

    package init(epoch: Int64, unknownEffects: Int, uncertainOrigins: Int) {
        self.epoch = epoch
        self.unknownEffects = unknownEffects
        self.uncertainOrigins = uncertainOrigins
    }
}
