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
        /// Its end is being committed, and the queue itself judges the fence.
        var isEnding = false
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
            entries[run]?.isEnding = false
            return entries[run].map { $0.isFenced || $0.isStopped } ?? false
        }
        if isLate { stop() }
    }

    /// The end of a run goes to the queue.
    func beginEnding(_ run: Identifier<Run>) {
        entries.withLock { $0[run]?.isEnding = true }
    }

    /// Stops runs whose lease was lost; how many there were. One that ended since it was looked for has lost nothing.
    func fence(_ runs: Set<Identifier<Run>>) -> Int {
        let stops = entries.withLock { entries in
            runs.compactMap { run -> Entry? in
                guard entries[run]?.isEnding == false else { return nil }
                entries[run]?.isFenced = true
                return entries[run]
            }
        }
        for entry in stops { entry.stop?() }
        return stops.count
    }

    /// Stops runs that a person has cancelled: they are handed back, and the queue ends them.
    func stop(_ runs: Set<Identifier<Run>>) {
        let stops = entries.withLock { entries in
            runs.compactMap { run -> (@Sendable () -> Void)? in
                guard let entry = entries[run], !entry.isStopped, !entry.isEnding else { return nil }
                entries[run]?.isStopped = true
                return entry.stop
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
