extension Notice {
    /// A run gave up.
    package static func deadLetter(_ run: Run, reason: DeadReason, error: String?) -> Notice {
        let error = error ?? reason.rawValue
        return Notice(
            kind: .deadLetter, subject: run.recipe,
            message: "\(run.recipe) gave up on \(run.event) (\(reason.rawValue)): \(error)",
            details: details(
                recipe: run.recipe, run: run.id, event: run.event, reason: reason.rawValue, error: error))
    }

    /// An output gave up.
    package static func deadLetter(
        _ effect: Effect, event: Identifier<Event>, reason: DeadReason, error: String?
    ) -> Notice {
        let error = error ?? effect.failure?.message ?? reason.rawValue
        let name = "\(effect.connection).\(effect.operation)"
        return Notice(
            kind: .deadLetter, subject: effect.recipe,
            message: "\(name) of \(effect.recipe) gave up on \(event) (\(reason.rawValue)): \(error)",
            details: details(
                recipe: effect.recipe, run: effect.run, event: event, reason: reason.rawValue, error: error,
                effect: effect))
    }

    /// A run waits for a human.
    package static func parked(_ run: Run, reason: ParkReason, error: String?) -> Notice {
        let error = error ?? reason.rawValue
        return Notice(
            kind: .parkedEffect, subject: run.recipe,
            message: "run \(run.id) of \(run.recipe) waits for a decision (\(reason.rawValue)): \(error)",
            details: details(
                recipe: run.recipe, run: run.id, event: run.event, reason: reason.rawValue, error: error))
    }

    /// An output waits for a human.
    package static func parked(
        _ effect: Effect, event: Identifier<Event>, reason: ParkReason, error: String?
    ) -> Notice {
        let error = error ?? effect.failure?.message ?? reason.rawValue
        let name = "\(effect.connection).\(effect.operation)"
        return Notice(
            kind: .parkedEffect, subject: effect.recipe,
            message: "effect \(effect.id), \(name) of \(effect.recipe), waits for a decision (\(reason.rawValue)): "
                + error,
            details: details(
                recipe: effect.recipe, run: effect.run, event: event, reason: reason.rawValue, error: error,
                effect: effect))
    }

    private static func details(
        recipe: String, run: Identifier<Run>, event: Identifier<Event>, reason: String, error: String,
        effect: Effect? = nil
    ) -> JSON {
        var details = JSONObject([
            ("recipe", .string(recipe)), ("run", ["id": .string(run.description)]),
            ("event", ["id": .string(event.description)]), ("reason", .string(reason)), ("error", .string(error)),
        ])
        if let effect {
            details["effect"] = [
                "id": .string(effect.id.description), "connection": .string(effect.connection),
                "operation": .string(effect.operation),
            ]
        }
        return .object(details)
    }
}
