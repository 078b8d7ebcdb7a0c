/// Two counts over the last while, kept in a dozen slices of it, so that they take the same little room however much is
/// counted. A value without a clock; times are monotonic.
struct SlidingCounts: Sendable {
    private struct Slice {
        let number: Int64
        var first: Int
        var second: Int
    }

    /// How many slices the window has: what is a twelfth too old may still count.
    private static let slices = 12

    /// How long a slice is.
    let slice: Duration
    private var kept: [Slice] = []

    init(window: Duration) {
        slice = window / SlidingCounts.slices
    }

    mutating func add(_ first: Int, _ second: Int, at now: Duration) {
        let number = number(at: now)
        kept.removeAll { $0.number <= number - Int64(SlidingCounts.slices) }
        if let index = kept.lastIndex(where: { $0.number == number }) {
            kept[index].first += first
            kept[index].second += second
        } else {
            kept.append(Slice(number: number, first: first, second: second))
        }
    }

    /// The sums over the window that ends now.
    func sums(at now: Duration) -> (first: Int, second: Int) {
        let oldest = number(at: now) - Int64(SlidingCounts.slices)
        return kept.reduce(into: (0, 0)) { sums, slice in
            guard slice.number > oldest else { return }
            sums.0 += slice.first
            sums.1 += slice.second
        }
    }

    mutating func clear() { kept = [] }

    private func number(at now: Duration) -> Int64 { Int64(now / slice) }
}
