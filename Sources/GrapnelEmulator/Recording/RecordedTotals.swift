/// What a recorder counted since it was last cleared.
package struct RecordedTotals: Sendable, Hashable {
    /// Requests in all: also the sequence number of the last one.
    package var received = 0
    /// Requests that were applied.
    package var applied = 0
    /// Keys that were applied more than once.
    package var repeatedKeys = 0
    /// Requests whose new key was not counted, because there were too many keys.
    package var uncountedKeys = 0

    package init() {}
}
