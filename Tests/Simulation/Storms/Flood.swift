/// One recipe gets a flood of events at once while another has a few all the time: those must not wait behind the flood.
package enum Flood {
    /// Lets a flood of so many events come.
    package static func run(crowd: Int) throws -> StormReport {
        // As fast as the hub takes them.
        var plan = StormPlan(
            crowd: crowd, arrival: 0, work: .thinks, trickleTime: Int64(crowd) * 2, isolates: 32,
            patience: 2 * SimulationPlan.hour)
        let figures = try Storm(plan).run()
        plan.crowd = 0
        let calm = try Storm(plan).run()
        var report = StormReport(name: "\(crowd) events for one recipe at once")
        report.tell("drained after, s", "\(figures.end / 1000)")
        report.expect("dead letters", Double(figures.deadLetters), atMost: 0)
        report.expect("not done", Double(figures.left), atMost: 0)
        report.compareOthers(figures, with: calm, atMost: 2)
        return report
    }
}
