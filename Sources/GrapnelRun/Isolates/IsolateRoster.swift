import Glibc

/// The children of the isolates' thread, found by what they are at: nothing here looks at all of them for one run.
struct IsolateRoster {
    private(set) var children: [pid_t: IsolateChild] = [:]
    /// Those that have a run.
    private(set) var busy: [pid_t: IsolateChild] = [:]
    /// Those that were forked and are not ready.
    private(set) var starting: [pid_t: IsolateChild] = [:]
    /// Those without code, by memory budget.
    private var waiting: [Int: [IsolateChild]] = [:]
    /// Those with code and without a run, by whose code it is; the one used last is at the end, and is used next: its
    /// memory is the warmest.
    private var idle: [IsolateChild.Key: [IsolateChild]] = [:]
    /// How many of `busy` compute: they do not wait for an answer of the hub.
    private var computing: [IsolateChild.Key: Int] = [:]

    /// Those that were killed, or have gone, and were not reported dead yet.
    private var dying = 0

    /// Children that are not on their way out.
    var liveCount: Int { children.count - dying }

    subscript(process: pid_t) -> IsolateChild? { children[process] }

    mutating func add(_ child: IsolateChild) {
        children[child.process] = child
        enter(child)
    }

    /// Takes a child out: it is dead.
    mutating func remove(_ process: pid_t) -> IsolateChild? {
        guard let child = children.removeValue(forKey: process) else { return nil }
        leave(child)
        return child
    }

    /// Takes a child to another phase of its life.
    mutating func move(_ child: IsolateChild, to phase: IsolateChild.Phase, key: IsolateChild.Key? = nil) {
        leave(child)
        if let key { child.key = key }
        child.pending = 0
        child.phase = phase
        enter(child)
    }

    /// A busy child asked the hub for something, or got its answer.
    mutating func note(_ child: IsolateChild, pending change: Int) {
        leave(child)
        child.pending = max(0, child.pending + change)
        enter(child)
    }

    /// How many children compute for the code of a key.
    func computing(_ key: IsolateChild.Key) -> Int { computing[key, default: 0] }

    /// A child that has the code of a key, and nothing to do.
    func idle(_ key: IsolateChild.Key) -> IsolateChild? { idle[key]?.last }

    /// A ready child without code.
    func waiting(budget: Int) -> IsolateChild? { waiting[budget]?.last }

    func waitingCount(budget: Int) -> Int { waiting[budget]?.count ?? 0 }

    func startingCount(budget: Int) -> Int { starting.values.count { $0.budget == budget } }

    /// All ready children without code.
    var allWaiting: [IsolateChild] { Array(waiting.values.joined()) }

    /// The child that has been idle longest.
    var longestIdle: IsolateChild? {
        // The first of each list is the oldest of it.
        idle.values.compactMap(\.first).min { $0.idleSince < $1.idleSince }
    }

    /// All idle children, the one that has been idle longest first.
    var allIdle: [IsolateChild] { idle.values.joined().sorted { $0.idleSince < $1.idleSince } }

    private mutating func enter(_ child: IsolateChild) {
        switch child.phase {
        case .starting: starting[child.process] = child
        case .waiting: waiting[child.budget, default: []].append(child)
        case .busy:
            busy[child.process] = child
            if child.pending == 0, let key = child.key { computing[key, default: 0] += 1 }
        case .idle: if let key = child.key { idle[key, default: []].append(child) }
        case .dying: dying += 1
        }
    }

    private mutating func leave(_ child: IsolateChild) {
        switch child.phase {
        case .starting: starting[child.process] = nil
        case .waiting: IsolateRoster.remove(child, from: &waiting, child.budget)
        case .busy:
            busy[child.process] = nil
            if child.pending == 0, let key = child.key {
                let left = computing[key, default: 0] - 1
                computing[key] = left > 0 ? left : nil
            }
        case .idle: if let key = child.key { IsolateRoster.remove(child, from: &idle, key) }
        case .dying: dying -= 1
        }
    }

    private static func remove<Key>(_ child: IsolateChild, from lists: inout [Key: [IsolateChild]], _ key: Key) {
        // Mostly the last one: it is the one that is used next.
        guard let index = lists[key]?.lastIndex(where: { $0 === child }) else { return }
        lists[key]?.remove(at: index)
        if lists[key]?.isEmpty == true { lists[key] = nil }
    }
}
