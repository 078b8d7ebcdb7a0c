/// A vendor was down while a crowd gathered, comes back, and takes 50 requests a second: it must not be hammered, what
/// it can take must come, nothing may be given up, and who has to do with another vendor must notice nothing.
package enum VendorStorm: String, Sendable, CaseIterable {
    case outputsTooMany = "outputs, 429 with Retry-After"
    case outputsUnavailable = "outputs, 503 without a word"
    case callsTooMany = "calls, 429 with Retry-After"
    case callsUnavailable = "calls, 503 without a word"

    private func plan(crowd: Int, minutes: Int) -> StormPlan {
        let ideal = Int64(crowd) * SimulationPlan.second / 50
        // Runs are tried anew all the while, and outputs only wait.
        let isOfCalls = self == .callsTooMany || self == .callsUnavailable
        let outage = Int64(isOfCalls ? min(minutes, 10) : minutes) * SimulationPlan.minute
        var plan = StormPlan(
            crowd: crowd, arrival: outage * 9 / 10, work: .sends, outage: outage,
            trickleTime: ideal * 3 / 2 + SimulationPlan.minute, patience: 4 * ideal + 8 * SimulationPlan.hour)
        switch self {
        case .outputsTooMany: plan.refusal = .tooMany(retryAfter: [1, 2, 5])
        case .outputsUnavailable: plan.refusal = .unavailable
        case .callsTooMany:
            plan.work = .calls
            plan.refusal = .tooMany(retryAfter: [1, 2, 5])
        case .callsUnavailable:
            plan.work = .calls
            plan.refusal = .unavailable
        }
        return plan
    }

    /// How long the others take when there is no storm, for as long as a crowd of so many takes.
    package static func calm(crowd: Int) throws -> StormFigures {
        var plan = outputsTooMany.plan(crowd: crowd, minutes: 0)
        plan.crowd = 0
        return try Storm(plan).run()
    }

    /// Lets a crowd of so many gather and go.
    ///
    /// - Parameters:
    ///   - minutes: How long the vendor is down; ten at most for calls.
    ///   - calm: What was seen when there was no storm.
    package func run(crowd: Int, minutes: Int, calm: StormFigures) throws -> StormReport {
        let plan = plan(crowd: crowd, minutes: minutes)
        let figures = try Storm(plan).run()
        var report = StormReport(name: "\(crowd) \(rawValue)")
        report.tell("found back after, s", "\((figures.discovery ?? -1) / 1000)")
        report.tell("99 % drained after, s", "\((figures.drain ?? -1) / 1000)")
        // A small crowd is gone before it is known what the vendor takes.
        let share = crowd < 20_000 ? 0.5 : 0.8
        report.expect("taken a second", figures.goodput, atLeast: share * Double(plan.vendorCapacity))
        report.expect("most requests in any second ÷ mean", Double(figures.peak) / max(figures.mean, 0.001), atMost: 2)
        report.expect("refused, %", 100 * figures.refused, atMost: 5)
        report.tell("most tries of one", "\(figures.mostAttempts)")
        report.expect("dead letters", Double(figures.deadLetters), atMost: 0)
        report.expect("not done", Double(figures.left), atMost: 0)
        report.compareOthers(figures, with: calm, atMost: 1.1)
        return report
    }
}
