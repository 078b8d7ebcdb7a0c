import ArgumentParser
import GrapnelCore

/// Which runs.
struct RunFilterOptions: ParsableArguments {
    @Option(name: .long, help: "Only of this recipe.")
    var recipe: String?
    @Option(name: .long, help: "Only in this state; may be repeated. dead shows the dead letters.")
    var status: [WorkState] = []
    @Option(name: .long, help: "Only dead or parked for this reason; may be repeated.")
    var reason: [StopReason] = []
    @Option(name: .long, help: "Only whose last error says this, in either case; … stands for anything.")
    var error: String?
    @OptionGroup(title: "The event") var event: EventFilterOptions

    /// The parameters of the management API that are set.
    var parameters: [(String, String?)] {
        [
            ("recipe", recipe), ("state", status.isEmpty ? nil : status.map(\.rawValue).joined(separator: ",")),
            ("reason", reason.isEmpty ? nil : reason.map(\.name).joined(separator: ",")), ("error", error),
        ] + event.parameters
    }
}
