import GrapnelCore
import GrapnelFormat
import GrapnelQueue

extension ListQuery {
    /// The parameters that say which events, or runs and effects of which events.
    private static let ofEvents: Set<String> = ["source", "type", "contains", "where", "since", "until"]
    static let eventFilters = ofEvents.union(["conflicts"])
    static let runFilters = ofEvents.union(["recipe", "state", "reason", "error"])
    static let effectFilters = ofEvents.union([
        "connection", "operation", "recipe", "state", "delivery", "waiting", "reason", "error",
    ])

    static let failureFilters = ofEvents.union(["recipe", "connection", "operation", "reason", "error"])

    func eventQuery(now: Timestamp) throws -> EventQuery {
        var query = EventQuery(onlyConflicts: try flag("conflicts"), before: try before(), limit: limit)
        query.event = try eventFilter()
        query.since = try time("since", now: now)
        query.until = try time("until", now: now)
        return query
    }

    func runQuery(now: Timestamp) throws -> RunQuery {
        let (dead, parked) = try reasons()
        return RunQuery(
            recipe: text("recipe"), states: try words("state"), deadReasons: dead, parkReasons: parked,
            error: text("error"), since: try time("since", now: now), until: try time("until", now: now),
            event: try eventFilter(), before: try before(), limit: limit)
    }

    /// - Parameter isFromStart: Whether the list begins anew, whatever `before` says.
    func effectQuery(now: Timestamp, isFromStart: Bool = false) throws -> EffectQuery {
        let (dead, parked) = try reasons()
        return EffectQuery(
            connection: text("connection"), operation: text("operation"), recipe: text("recipe"),
            states: try words("state"), deliveryStates: try words("delivery"), awaitsDecision: try flag("waiting"),
            deadReasons: dead, parkReasons: parked, error: text("error"), since: try time("since", now: now),
            until: try time("until", now: now), event: try eventFilter(), before: isFromStart ? nil : try before(),
            limit: limit)
    }

    private func eventFilter() throws -> EventFilter {
        var filter = EventFilter(
            source: text("source"), type: text("type"), containing: text("contains").map { Array($0.utf8) })
        if let text = text("where") {
            let predicate = try predicate(text)
            filter.matches = { event in predicate.matches(EventScope(event: event, body: event.body())) }
        }
        return filter
    }

    /// A condition as `where:` of a recipe has it, in JSON.
    private func predicate(_ text: String) throws(Refusal) -> Predicate {
        let definition: JSON
        do {
            definition = try JSONParser.parse(text)
        } catch {
            throw Refusal(description: "where is a condition in JSON, such as {\"body.state\": \"open\"}: \(error)")
        }
        do {
            return try Predicate(definition)
        } catch {
            throw Refusal(description: "where: \(error)")
        }
    }

    /// A moment: RFC 3339, a day, or how long ago.
    private func time(_ name: String, now: Timestamp) throws(Refusal) -> Timestamp? {
        guard let text = text(name) else { return nil }
        if let age = Duration(text: text) { return now - age }
        if let time = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: "\(text)T00:00:00Z") { return time }
        throw Refusal(
            description: "\(name) is how long ago (90m, 2d), a day (2026-01-05) or a moment (2026-01-05T09:00:00Z), "
                + "not \"\(text)\"")
    }

    /// Reasons of what is dead and of what is parked, in one list.
    private func reasons() throws(Refusal) -> (dead: Set<DeadReason>, parked: Set<ParkReason>) {
        var (dead, parked): (Set<DeadReason>, Set<ParkReason>) = ([], [])
        for part in (text("reason") ?? "").split(separator: ",") {
            let reasons = (DeadReason(rawValue: String(part)), ParkReason(rawValue: String(part)))
            guard reasons.0 != nil || reasons.1 != nil else {
                let known = DeadReason.allCases.map(\.rawValue) + ParkReason.allCases.map(\.rawValue)
                throw Refusal(description: "reason has words of \(known.joined(separator: ", ")), not \"\(part)\"")
            }
            if let reason = reasons.0 { dead.insert(reason) }
            if let reason = reasons.1 { parked.insert(reason) }
        }
        return (dead, parked)
    }
}
