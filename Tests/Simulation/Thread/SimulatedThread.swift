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

    private struct Entry {
        var time: Int64
        var number: Int
        var owner: Owner
    }

    /// Milliseconds since the beginning.
    private(set) var now: Int64 = 0
    /// Jobs that were run.
    private(set) var steps = 0
    private var ready: [UnownedJob] = []
    private var timeline: [Entry] = []
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
        push(Entry(time: now + max(delay, 0), number: nextNumber, owner: owner))
        return nextNumber
    }

    /// Takes an action off the timeline; `false` when it has happened.
    @discardableResult
    func cancel(_ number: Int) -> Bool { actions.removeValue(forKey: number) != nil }

    /// When the next entry is due; `nil` when there is none.
    var nextTime: Int64? {
        dropCancelled()
        return timeline.first?.time
    }

    /// When the next entry of the world is due.
    var nextWorldTime: Int64? {
        timeline.filter { $0.owner == .world && actions[$0.number] != nil }.map(\.time).min()
    }

    /// Steps to the next entry and performs it; `false` when there is none.
    func step() -> Bool {
        dropCancelled()
        guard let entry = timeline.first else { return false }
        if entry.owner == .hub, entry.time < frozenUntil {
            pop()
            push(Entry(time: frozenUntil, number: entry.number, owner: .hub))
            return true
        }
        pop()
        now = max(now, entry.time)
        actions.removeValue(forKey: entry.number)?()
        return true
    }

    /// Lets time pass in which nothing happens: what was due meanwhile comes late, in its order.
    func skip(to time: Int64) { now = max(now, time) }

    /// Stops the hub's process for a while, as SIGSTOP does: it stands still while the world goes on.
    func freezeHub(for time: Int64) { frozenUntil = max(frozenUntil, now + time) }

    /// Ends the hub's process as SIGKILL does: nothing of it goes on.
    func dropHub() {
        ready = []
        frozenUntil = 0
        for entry in timeline where entry.owner == .hub {
            if let action = actions.removeValue(forKey: entry.number) { remains.append(action) }
        }
        timeline.removeAll { $0.owner == .hub }
        rebuild()
    }

    // MARK: A heap by time, then by number

    private func isBefore(_ left: Entry, _ right: Entry) -> Bool {
        left.time == right.time ? left.number < right.number : left.time < right.time
    }

    private func dropCancelled() {
        while let first = timeline.first, actions[first.number] == nil { pop() }
    }

    private func push(_ entry: Entry) {
        timeline.append(entry)
        var index = timeline.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard isBefore(timeline[index], timeline[parent]) else { return }
            timeline.swapAt(index, parent)
            index = parent
        }
    }

    private func pop() {
        timeline.swapAt(0, timeline.count - 1)
        timeline.removeLast()
        sink(0)
    }

    private func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < timeline.count && isBefore(timeline[child], timeline[least]) {
                least = child
            }
            if least == index { return }
            timeline.swapAt(index, least)
            index = least
        }
    }

    private func rebuild() {
        for index in stride(from: timeline.count / 2, through: 0, by: -1) where index < timeline.count { sink(index) }
    }
}
