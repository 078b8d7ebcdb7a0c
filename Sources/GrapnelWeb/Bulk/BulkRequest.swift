import GrapnelCore
import GrapnelQueue

/// What is to be done to everything that a filter fits: the document of `/v1/bulk/…`.
///
/// The set is what fits at one moment, `as_of`, oldest first. Each request goes through a bounded part of it and says
/// where the next one goes on, so that it can be left off after any of them.
struct BulkRequest {
    enum Action {
        case replay(RunReplay.Mode, repeats: Bool)
        case cancelRuns
        case cancelOutputs
        case resolve(EffectResolution.Choice)
    }

    /// Rows that one request looks at for a preview. 1,000.
    static let previewRows = 1000
    /// Rows that one request changes, in one commit: few enough that what else is written hardly waits. 250.
    static let stepRows = 250

    let action: Action
    let filter: ListQuery
    /// When the set was fixed.
    let asOf: Timestamp
    /// Where to go on: the last one of the part before.
    let after: String?

    init(_ document: JSON, now: Timestamp) throws(ListQuery.Refusal) {
        switch document["action"]?.string {
        case "replay":
            guard let mode = document["mode"]?.string.flatMap({ RunReplay.Mode(rawValue: $0) }) else {
                throw ListQuery.Refusal(description: "a replay has the mode missing or again")
            }
            action = .replay(mode, repeats: document["replayed"]?.bool ?? false)
        case "cancel": action = document["what"]?.string == "effects" ? .cancelOutputs : .cancelRuns
        case "resolve":
            guard let choice = document["choice"]?.string.flatMap({ EffectResolution.Choice(rawValue: $0) }) else {
                throw ListQuery.Refusal(description: "a resolution has the choice confirm, resend or drop")
            }
            action = .resolve(choice)
        default: throw ListQuery.Refusal(description: "action is replay, cancel or resolve")
        }
        let isOfRuns: Bool
        switch action {
        case .replay, .cancelRuns: isOfRuns = true
        case .cancelOutputs, .resolve: isOfRuns = false
        }
        filter = try ListQuery(
            document: document["filter"] ?? [:], filters: isOfRuns ? ListQuery.runFilters : ListQuery.effectFilters)
        if let text = document["as_of"]?.string {
            guard let time = Timestamp(rfc3339: text) else {
                throw ListQuery.Refusal(description: "as_of is the moment that the preview has, not \"\(text)\"")
            }
            asOf = time
        } else {
            asOf = now
        }
        after = document["after"]?.string
    }

    /// The runs of the set; `nil` when it is one of effects.
    func runQuery(limit: Int) throws -> RunQuery? {
        var query = try filter.runQuery(now: asOf)
        switch action {
        case .replay(_, let repeats):
            try narrow(&query.states, to: [.succeeded, .dead, .cancelled], by: [.dead])
            query.isWithoutReplay = !repeats
        case .cancelRuns:
            let open: Set<WorkState> = [.scheduled, .ready, .leased, .parked]
            try narrow(&query.states, to: open, by: open)
        case .cancelOutputs, .resolve: return nil
        }
        query.asOf = asOf
        query.order = .oldestFirst
        query.after = try place()
        query.limit = limit
        return query
    }

    /// The effects of the set.
    func effectQuery(limit: Int) throws -> EffectQuery {
        var query = try filter.effectQuery(now: asOf)
        if case .cancelOutputs = action {
            let open: Set<WorkState> = [.scheduled, .ready, .leased, .parked]
            try narrow(&query.deliveryStates, to: open, by: open)
        } else if query.states.isEmpty, query.deliveryStates.isEmpty {
            query.awaitsDecision = true
        }
        query.asOf = asOf
        query.order = .oldestFirst
        query.after = try place()
        query.limit = limit
        return query
    }

    /// Leaves only states that the action can change; `usual` when none was asked for.
    private func narrow(
        _ states: inout Set<WorkState>, to possible: Set<WorkState>, by usual: Set<WorkState>
    ) throws(ListQuery.Refusal) {
        if states.isEmpty { states = usual }
        if let other = states.subtracting(possible).map(\.rawValue).min() {
            let known = WorkState.allCases.filter { possible.contains($0) }.map(\.rawValue).joined(separator: ", ")
            throw ListQuery.Refusal(description: "this can be done to what is \(known), not to what is \(other)")
        }
    }

    private func place<Subject>() throws(ListQuery.Refusal) -> Identifier<Subject>? {
        guard let after else { return nil }
        guard let id = Identifier<Subject>(after) else {
            throw ListQuery.Refusal(description: "after is where the part before ended, not \"\(after)\"")
        }
        return id
    }
}
