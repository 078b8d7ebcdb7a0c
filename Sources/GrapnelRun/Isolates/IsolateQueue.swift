/// Jobs that wait for an isolate: a line for each recipe version of each tenant, served in turn, so that a long line
/// does not hold back a short one.
struct IsolateQueue {
    private var lines: [IsolateChild.Key: ArraySlice<IsolateTask>] = [:]
    /// The keys with a line, the one whose turn is next first.
    private(set) var turns: [IsolateChild.Key] = []

    var isEmpty: Bool { turns.isEmpty }

    mutating func append(_ task: IsolateTask) {
        if lines[task.key] == nil { turns.append(task.key) }
        lines[task.key, default: []].append(task)
    }

    /// The job that has waited longest in a line.
    func first(_ key: IsolateChild.Key) -> IsolateTask? { lines[key]?.first }

    /// How many wait in a line.
    func count(_ key: IsolateChild.Key) -> Int { lines[key]?.count ?? 0 }

    /// The first job of a line has its isolate; the line goes behind the others.
    mutating func served(_ key: IsolateChild.Key) {
        _ = lines[key]?.popFirst()
        turns.removeAll { $0 == key }
        if lines[key]?.isEmpty == true { lines[key] = nil } else { turns.append(key) }
    }

    /// Takes a job out of its line, wherever it stands.
    mutating func remove(id: UInt64) -> IsolateTask? {
        for key in turns {
            guard let index = lines[key]?.firstIndex(where: { $0.id == id }) else { continue }
            let task = lines[key]?.remove(at: index)
            close(key)
            return task
        }
        return nil
    }

    /// Takes everything out.
    mutating func removeAll() -> [IsolateTask] {
        let all = turns.flatMap { lines[$0] ?? [] }
        lines = [:]
        turns = []
        return all
    }

    private mutating func close(_ key: IsolateChild.Key) {
        guard lines[key]?.isEmpty == true else { return }
        lines[key] = nil
        turns.removeAll { $0 == key }
    }
}
