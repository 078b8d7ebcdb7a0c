import Glibc
import Synchronization

/// A named place on the way of an event at which the process can be made to end as a kill or a power cut ends it.
///
/// `GRAPNEL_CRASH_AT=after_commit:7` ends it when it gets there for the seventh time. Without the variable a place costs
/// one comparison. The crash test ends hubs at all of them, and counts what is lost or repeated.
package enum CrashPoint: String, Sendable, CaseIterable {
    /// A group of writes is about to be committed.
    case beforeCommit = "before_commit"
    /// It is on disk, and nobody was answered.
    case afterCommit = "after_commit"
    /// The log is about to be moved into the database.
    case beforeCheckpoint = "before_checkpoint"
    /// An event is stored, and its vendor was not answered.
    case beforeAnswer = "before_answer"
    /// A run is leased, and its handler was not started.
    case beforeHandler = "before_handler"
    /// A handler has ended, and nothing of its end is stored.
    case afterHandler = "after_handler"
    /// The end of a run is stored, and none of its outputs was sent.
    case afterRunEnd = "after_run_end"
    /// A call is wanted, and the ledger knows nothing of it.
    case beforeCall = "before_call"
    /// The ledger says that a call is in flight, and nothing was sent.
    case afterCallBegan = "after_call_began"
    /// The vendor has answered a call, and the ledger does not know.
    case afterCallAnswer = "after_call_answer"
    /// The ledger has the answer to a call, and its handler has not.
    case afterCallRecorded = "after_call_recorded"
    /// The ledger says that an output is in flight, and nothing was sent.
    case beforeOutput = "before_output"
    /// The vendor has answered an output, and the ledger does not know.
    case afterOutputAnswer = "after_output_answer"

    /// The place at which this process ends, and how often it gets there before.
    private final class Armed: Sendable {
        let point: CrashPoint
        let left: Atomic<Int>

        init?(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1)
            guard let point = parts.first.flatMap({ CrashPoint(rawValue: String($0)) }) else { return nil }
            self.point = point
            left = Atomic(parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
        }
    }

    private static let armed = getenv("GRAPNEL_CRASH_AT").flatMap { Armed(String(cString: $0)) }

    /// Ends the process here, if it was asked to.
    package func pass() {
        guard let armed = CrashPoint.armed, armed.point == self else { return }
        if armed.left.subtract(1, ordering: .relaxed).newValue == 0 { kill(getpid(), SIGKILL) }
    }
}
