import GrapnelCore
import TestSupport

/// The one thread on which everything happens, and its time.
///
/// What is ready runs until nothing is; then time steps to the next entry of the timeline. Which of several ready jobs
/// runs first is the seed's choice, because it is nobody's promise.
///
/// Unchecked: there is one thread.
final class SimulatedThread: @unchecked Sendable {
    /// Whom an entry of the timeline belongs to. What is the hub's dies with its process and stands still with it.
    enum Owner {
        case world, hub
    }

    /// Milliseconds since the beginning.
    private(set) var now: Int64 = 0
    /// Jobs that were run.
    private(set) var steps = 0
    private var ready: [UnownedJob] = []
    private var worldly = Timeline()
    private var hubs = Timeline()
    private var actions: [Int: () -> Void] = [:]
    private var nextNumber = 0
    private var frozenUntil: Int64 = 0
    /// What a crash left behind: kept, so that nobody's end is taken for an orderly one.
    private var remains: [() -> Void] = []
    private let random: SeededRandomSource?

    /// - Parameter order: Chooses among ready jobs; `nil` runs them as they come.
    init(order: SeededRandomSource?) { random = order }

    var hasReadyJobs: Bool { !ready.isEmpty }

    func enqueue(_ job: UnownedJob) { ready.append(job) }

    /// Runs what is ready until nothing is, or `limit` jobs have run.
    func runReady(limit: Int) -> Bool {
        var left = limit
        while !ready.isEmpty {
            if left == 0 { return false }
            left -= 1
            steps += 1
            let index = ready.count > 1 ? random.map { $0.below(ready.count) } ?? 0 : 0
            GlobalExecutor.run(ready.remove(at: index))
        }
        return true
    }

    /// Puts an action on the timeline; returns its number.
    @discardableResult
    func after(_ delay: Int64, _ owner: Owner, _ action: @escaping () -> Void) -> Int {
        nextNumber += 1
        actions[nextNumber] = action
        let entry = Timeline.Entry(time: now + max(delay, 0), number: nextNumber)
        switch owner {
        case .world: worldly.push(entry)
        case .hub: hubs.push(entry)
        }
        return nextNumber
    }

    /// Takes an action off the timeline; `false` when it has happened.
    @discardableResult
    func cancel(_ number: Int) -> Bool { actions.removeValue(forKey: number) != nil }

    /// When the next entry is due; `nil` when there is none.
    var nextTime: Int64? { next()?.entry.time }

    /// When the next entry of the world is due.
    var nextWorldTime: Int64? {
        dropCancelled()
        return worldly.first?.time
    }

    /// Steps to the next entry and performs it; `false` when there is none.
    func step() -> Bool {
        guard let (entry, owner) = next() else { return false }
        switch owner {
        case .world: worldly.pop()
        case .hub:
            hubs.pop()
            if entry.time < frozenUntil {
                hubs.push(Timeline.Entry(time: frozenUntil, number: entry.number))
                return true
            }
        }
        now = max(now, entry.time)
        actions.removeValue(forKey: entry.number)?()
        return true
    }

    private func next() -> (entry: Timeline.Entry, owner: Owner)? {
        dropCancelled()
        switch (worldly.first, hubs.first) {
        case (nil, nil): return nil
        case (let world?, nil): return (world, .world)
        case (nil, let hub?): return (hub, .hub)
        case (let world?, let hub?): return world.isBefore(hub) ? (world, .world) : (hub, .hub)
        }
    }

    private func dropCancelled() {
        while let first = worldly.first, actions[first.number] == nil { worldly.pop() }
        while let first = hubs.first, actions[first.number] == nil { hubs.pop() }
    }

    /// Lets time pass in which nothing happens: what was due meanwhile comes late, in its order.
    func skip(to time: Int64) { now = max(now, time) }

    /// Stops the hub's process for a while, as SIGSTOP does: it stands still while the world goes on.
    func freezeHub(for time: Int64) { frozenUntil = max(frozenUntil, now + time) }

    /// Ends the hub's process as SIGKILL does: nothing of it goes on.
    func dropHub() {
        ready = []
        frozenUntil = 0
        for number in hubs.numbers {
            if let action = actions.removeValue(forKey: number) { remains.append(action) }
        }
        hubs = Timeline()
    }
}
