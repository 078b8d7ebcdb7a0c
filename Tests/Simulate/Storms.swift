import ArgumentParser
import Glibc
import GrapnelSimulation

/// `grapnel-simulate storms`: a crowd for a vendor that comes back, and a flood for one recipe, in virtual time.
struct Storms: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a crowd wait for a vendor that comes back, and a flood come for one recipe.")

    @Option(help: "How many runs or outputs are due when the vendor comes back.") var crowd = 100_000
    @Option(help: "For how many minutes the vendor is down; ten at most for calls.") var minutes = 180
    @Option(help: "How many events come at once for one recipe.") var flood = 50_000

    func run() throws {
        try Simulate.beDeterministic()
        var holds = true
        let calm = try VendorStorm.calm(crowd: crowd)
        for storm in VendorStorm.allCases {
            holds = try tell(storm.run(crowd: crowd, minutes: minutes, calm: calm)) && holds
        }
        holds = try tell(Flood.run(crowd: flood)) && holds
        guard holds else { throw ExitCode.failure }
        print("every bound held")
    }

    /// Prints a report; whether its bounds hold.
    private func tell(_ report: StormReport) -> Bool {
        print(report.name)
        defer { fflush(nil) }
        for figure in report.figures {
            let name = figure.name + String(repeating: " ", count: max(1, 38 - figure.name.count))
            let bound = figure.bound.map { "   \($0)\(figure.holds ? "" : "   BROKEN")" } ?? ""
            print("  \(name)\(figure.value)\(bound)")
        }
        return report.holds
    }
}
