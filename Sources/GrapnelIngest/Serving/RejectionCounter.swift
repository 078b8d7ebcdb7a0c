package import GrapnelCore
import Synchronization

/// Counts the rejected requests that were too many to be kept, since the hub started.
package final class RejectionCounter: Sendable {
    private let counts = Mutex<[RejectionKind: Int]>([:])

    package init() {}

    /// How many there were, by kind.
    package var all: [RejectionKind: Int] { counts.withLock { $0 } }

    func add(_ kind: RejectionKind) { counts.withLock { $0[kind, default: 0] += 1 } }
}
