import GrapnelCore

/// One of the kept counters (`QueueCounts`).
enum Counter: Sendable, Hashable {
    case requests
    case events
    case duplicates
    case conflicts
    case maybeDuplicates
    case rejection(RejectionKind)
    case run(WorkState)
    case output(WorkState)
    case effect(EffectState)

    /// Every counter, in the order of `index`.
    static let all: [Counter] =
        [.requests, .events, .duplicates, .conflicts, .maybeDuplicates]
        + RejectionKind.stored.map { .rejection($0) } + WorkState.stored.map { .run($0) }
        + WorkState.stored.map { .output($0) } + EffectState.stored.map { .effect($0) }

    /// The place of this counter in `all`.
    var index: Int {
        let rejections = 5
        let runs = rejections + RejectionKind.stored.count
        let outputs = runs + WorkState.stored.count
        let effects = outputs + WorkState.stored.count
        return switch self {
        case .requests: 0
        case .events: 1
        case .duplicates: 2
        case .conflicts: 3
        case .maybeDuplicates: 4
        case .rejection(let kind): rejections + Int(kind.code)
        case .run(let state): runs + Int(state.code)
        case .output(let state): outputs + Int(state.code)
        case .effect(let state): effects + Int(state.code)
        }
    }

    /// What the table calls it.
    var name: String {
        switch self {
        case .requests: "requests"
        case .events: "events"
        case .duplicates: "duplicates"
        case .conflicts: "conflicts"
        case .maybeDuplicates: "maybe_duplicates"
        case .rejection(let kind): "rejected.\(kind.rawValue)"
        case .run(let state): "runs.\(state.rawValue)"
        case .output(let state): "outputs.\(state.rawValue)"
        case .effect(let state): "effects.\(state.rawValue)"
        }
    }
}
