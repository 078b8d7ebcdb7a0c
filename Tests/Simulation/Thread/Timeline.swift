/// What is still to come, by its time and then by its number: a heap.
struct Timeline {
    struct Entry {
        var time: Int64
        var number: Int

        func isBefore(_ other: Entry) -> Bool {
            time == other.time ? number < other.number : time < other.time
        }
    }

    private var entries: [Entry] = []

    var first: Entry? { entries.first }

    /// Every number, in no order that means anything.
    var numbers: [Int] { entries.map(\.number) }

    mutating func push(_ entry: Entry) {
        entries.append(entry)
        var index = entries.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            let above = entries[parent]
            if above.isBefore(entry) { break }
            entries[index] = above
            index = parent
        }
        entries[index] = entry
    }

    mutating func pop() {
        let last = entries.removeLast()
        if entries.isEmpty { return }
        var index = 0
        while true {
            var child = 2 * index + 1
            if child >= entries.count { break }
            if child + 1 < entries.count, entries[child + 1].isBefore(entries[child]) { child += 1 }
            let below = entries[child]
            if last.isBefore(below) { break }
            entries[index] = below
            index = child
        }
        entries[index] = last
    }
}
