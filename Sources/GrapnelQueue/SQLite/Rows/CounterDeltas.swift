import GrapnelCore

/// How the writes of one commit change the kept counters: summed up here, written once.
struct CounterDeltas: Sendable {
    private(set) var values = [Int](repeating: 0, count: Counter.all.count)
    /// Whether any counter was touched.
    private(set) var hasChanges = false

    /// Bytes of requests by source.
    private(set) var sourceBytes: [String: Int] = [:]

    mutating func add(_ counter: Counter, _ count: Int = 1) {
        values[counter.index] += count
        hasChanges = true
    }

    /// Bytes of requests of a source came, or went.
    mutating func addBytes(_ count: Int, of source: String) {
        sourceBytes[source, default: 0] += count
    }

    /// A run went from one state to another.
    mutating func moveRun(from old: WorkState, to new: WorkState) {
        add(.run(old), -1)
        add(.run(new))
    }

    /// An output's delivery went from one state to another.
    mutating func moveOutput(from old: WorkState, to new: WorkState) {
        add(.output(old), -1)
        add(.output(new))
    }

    /// An effect went from one state to another.
    mutating func moveEffect(from old: EffectState, to new: EffectState) {
        add(.effect(old), -1)
        add(.effect(new))
    }
}
