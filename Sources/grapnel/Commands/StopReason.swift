import ArgumentParser
import GrapnelCore

/// Why something is dead or parked, as it is asked for.
struct StopReason: ExpressibleByArgument {
    let name: String

    init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        name = argument
    }

    static var allValueStrings: [String] {
        DeadReason.allCases.map(\.rawValue) + ParkReason.allCases.map(\.rawValue)
    }

    static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
