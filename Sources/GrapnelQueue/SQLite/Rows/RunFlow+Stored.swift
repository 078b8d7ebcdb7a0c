import GrapnelCore

extension RunFlow.Rate {
    /// The text that a run keeps, for its replays to stand in the same line.
    var stored: String { "\(count)/\(interval.milliseconds)/\(key)" }

    /// The rate of a stored text; `nil` when it is none.
    init?(stored text: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let count = Int(parts[0]), let interval = Int64(parts[1]) else { return nil }
        self.init(key: String(parts[2]), count: count, interval: .milliseconds(interval))
    }
}
