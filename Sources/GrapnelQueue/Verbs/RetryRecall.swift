package import GrapnelCore

/// Retries that are due later than any retry can be: they were put off while the clock was wrong.
package struct RetryRecall: Sendable {
    /// What is due after this moment, and was tried before, is made ready.
    package var dueAfter: Timestamp
    /// The most rows of one commit. Default 500.
    package var limit: Int

    package init(dueAfter: Timestamp, limit: Int = 500) {
        self.dueAfter = dueAfter
        self.limit = limit
    }
}
