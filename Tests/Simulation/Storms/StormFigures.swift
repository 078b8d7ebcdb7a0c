/// What was seen of a storm: the log of the vendor of the crowd, and how long the others took.
package struct StormFigures {
    var log: [StormVendor.Entry] = []
    var capacity = 0
    /// When the vendor of the crowd was back.
    var outage: Int64 = 0
    /// How long each event of the others took from its acceptance to its confirmed effect, in milliseconds, the
    /// shortest first.
    var others: [Int64] = []
    /// When the crowd was through.
    var end: Int64 = 0
    var deadLetters = 0
    /// What of the crowd has not come to a good end.
    var left = 0
    /// The most tries of one run or output.
    var mostAttempts = 0

    /// How long the share of the others took at most; 0 when there were none.
    func others(within share: Double) -> Int64 {
        others.isEmpty ? 0 : others[min(Int(Double(others.count) * share), others.count - 1)]
    }

    /// When the first request was taken, and when 99 of 100 were: the last ones wait for their own retries.
    private var span: ClosedRange<Int64>? {
        let taken = log.filter(\.isTaken).map(\.at)
        guard let first = taken.first else { return nil }
        return first...taken[(taken.count - 1) * 99 / 100]
    }

    /// How long it took from the vendor's return to the first request that it took.
    var discovery: Int64? { span.map { $0.lowerBound - outage } }

    /// How long it took from the first request that was taken until 99 of 100 were.
    var drain: Int64? { span.map { $0.upperBound - $0.lowerBound } }

    /// The most requests within any second.
    var peak: Int {
        var most = 0
        var start = 0
        for (index, entry) in log.enumerated() {
            while log[start].at <= entry.at - SimulationPlan.second { start += 1 }
            most = max(most, index - start + 1)
        }
        return most
    }

    /// Requests a second while it drained.
    var mean: Double { perSecond(log) }

    /// Requests a second that were taken while it drained.
    var goodput: Double { perSecond(log.filter(\.isTaken)) }

    /// The share of requests that were refused.
    var refused: Double { log.isEmpty ? 0 : Double(log.count { !$0.isTaken }) / Double(log.count) }

    private func perSecond(_ entries: [StormVendor.Entry]) -> Double {
        guard let span, span.upperBound > span.lowerBound else { return 0 }
        let time = Double(span.upperBound - span.lowerBound) / Double(SimulationPlan.second)
        return Double(entries.count { span.contains($0.at) }) / time
    }
}
