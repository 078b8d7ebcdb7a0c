/// Why the queue could not do something.
package struct QueueError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A stable word for callers, logs and counters.
    package enum Code: String, Sendable, Hashable {
        /// More writes wait than the queue holds (`QueueLimits.waitingWrites`, `waitingBytes`): answer 503 and retry.
        case full
        /// The disk is full or failing: answer 503; nothing was kept.
        case storage
        /// The queue is shutting down.
        case closed
        /// No such row.
        case notFound = "not_found"
        /// The row is not in a state in which this can be done.
        case conflict
        /// Another hub has this database open.
        case locked
        /// The database cannot be trusted or was made by a newer version.
        case unusable
    }

    package let code: Code
    /// For a person: what happened and what to do next.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
