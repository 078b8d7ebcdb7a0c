import GrapnelCore
import Synchronization

/// The runs that this node executes: their fences for the heartbeat, and how to stop them.
final class RunningRuns: Sendable {
    private struct Entry {
        var fence: Int64
        /// Kills the isolate; `nil` until there is one.
        var stop: (@Sendable () -> Void)?
        /// The lease was lost: nothing may be written.
        var isFenced = false
        /// The hub shuts down: the isolate is killed as soon as there is one.
        var isStopped = false
    }

    private let entries = Mutex<[Identifier<Run>: Entry]>([:])

    /// The fences of all runs.
    var fences: [Identifier<Run>: Int64] { entries.withLock { $0.mapValues(\.fence) } }

    func add(_ run: LeasedRun) {
        entries.withLock { $0[run.run.id] = Entry(fence: run.fence) }
    }

    func remove(_ run: Identifier<Run>) {
        entries.withLock { _ = $0.removeValue(forKey: run) }
    }

    /// Says how to stop a run; does so at once when that was asked for already.
    func setStop(_ run: Identifier<Run>, _ stop: @escaping @Sendable () -> Void) {
        let isLate = entries.withLock { entries in
            entries[run]?.stop = stop
            return entries[run].map { $0.isFenced || $0.isStopped } ?? false
        }
        if isLate { stop() }
    }

    /// Stops runs whose lease was lost.
    func fence(_ runs: Set<Identifier<Run>>) {
        let stops = entries.withLock { entries in
            runs.compactMap { run in
                entries[run]?.isFenced = true
                return entries[run]?.stop
            }
        }
        for stop in stops { stop() }
    }

    /// Stops every run, so that it is handed back.
    func stopAll() {
        let stops = entries.withLock { entries in
            for run in entries.keys { entries[run]?.isStopped = true }
            return entries.values.compactMap(\.stop)
        }
        for stop in stops { stop() }
    }

    /// Whether the lease of a run was lost.
    func isFenced(_ run: Identifier<Run>) -> Bool {
        entries.withLock { $0[run]?.isFenced ?? false }
    }
}
