/// What a storm came to: figures, and whether those that are bounded are within their bounds.
package struct StormReport: Sendable {
    /// One figure.
    package struct Figure: Sendable {
        package var name: String
        package var value: String
        /// What it must be; `nil` when it is only told.
        package var bound: String?
        package var holds = true
    }

    package var name: String
    package var figures: [Figure] = []

    /// Whether every bound holds.
    package var holds: Bool { figures.allSatisfy(\.holds) }

    mutating func tell(_ name: String, _ value: String) {
        figures.append(Figure(name: name, value: value))
    }

    /// A figure that must not be above `most`.
    mutating func expect(_ name: String, _ value: Double, atMost most: Double) {
        figures.append(
            Figure(name: name, value: value.short, bound: "≤ \(most.short)", holds: value <= most))
    }

    /// A figure that must not be below `least`.
    mutating func expect(_ name: String, _ value: Double, atLeast least: Double) {
        figures.append(
            Figure(name: name, value: value.short, bound: "≥ \(least.short)", holds: value >= least))
    }

    /// How long others waited in a storm, which must not be above so many times what they wait without one.
    mutating func compareOthers(_ storm: StormFigures, with calm: StormFigures, atMost most: Double) {
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let (storm, quiet) = (storm.others(within: share), calm.others(within: share))
            tell("others' \(name), ms", "\(quiet) → \(storm)")
            expect("others' \(name), ratio", Double(storm) / Double(max(quiet, 1)), atMost: most)
        }
    }
}

extension Double {
    /// With two decimals at most.
    fileprivate var short: String {
        let hundredths = Int((self * 100).rounded())
        guard hundredths % 100 != 0 else { return "\(hundredths / 100)" }
        let rest = abs(hundredths % 100)
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
