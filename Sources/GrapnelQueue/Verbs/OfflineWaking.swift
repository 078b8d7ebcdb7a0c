/// The wish to let runs go on that were parked because nothing outside could be reached, or for a connection that is not
/// paused any more: one step of it.
package struct OfflineWaking: Sendable {
    /// The most runs that one commit wakes. Default 500.
    package var limit: Int

    package init(limit: Int = 500) {
        self.limit = limit
    }
}
