/// What one bounded step over many rows did.
package struct StepReport: Sendable, Hashable {
    /// Rows that were changed.
    package var count: Int
    /// Whether the limit was reached: call again.
    package var hasMore: Bool

    package init(count: Int, hasMore: Bool) {
        self.count = count
        self.hasMore = hasMore
    }
}
