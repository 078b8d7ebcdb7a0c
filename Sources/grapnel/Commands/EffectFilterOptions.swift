import ArgumentParser
import GrapnelCore

/// Which effects.
struct EffectFilterOptions: ParsableArguments {
    @Option(name: .long, help: "Only of this connection.")
    var connection: String?
    @Option(name: .long, help: "Only of this operation.")
    var operation: String?
    @Option(name: .long, help: "Only of this recipe.")
    var recipe: String?
    @Option(name: .long, help: "Only in this state of the ledger; may be repeated.")
    var status: [EffectState] = []
    @Option(name: .long, help: "Only outputs whose delivery is in this state; may be repeated.")
    var delivery: [WorkState] = []
    @Option(name: .long, help: "Only outputs dead or parked for this reason; may be repeated.")
    var reason: [StopReason] = []
    @Option(name: .long, help: "Only whose failure says this, in either case; … stands for anything.")
    var error: String?
    @OptionGroup(title: "The event") var event: EventFilterOptions

    /// The parameters of the management API that are set.
    var parameters: [(String, String?)] {
        [
            ("connection", connection), ("operation", operation), ("recipe", recipe),
            ("state", status.isEmpty ? nil : status.map(\.rawValue).joined(separator: ",")),
            ("delivery", delivery.isEmpty ? nil : delivery.map(\.rawValue).joined(separator: ",")),
            ("reason", reason.isEmpty ? nil : reason.map(\.name).joined(separator: ",")), ("error", error),
        ] + event.parameters
    }
}
