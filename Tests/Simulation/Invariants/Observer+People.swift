import GrapnelCore

extension Observer {
    /// What a person, or the hub itself, has paused.
    struct Paused: Hashable {
        /// As it is stored: of a source, a recipe or a connection.
        var kind: Int64
        var name: String

        static func source(_ name: String) -> Paused { Paused(kind: 0, name: name) }
        static func recipe(_ name: String) -> Paused { Paused(kind: 1, name: name) }
        static func connection(_ name: String) -> Paused { Paused(kind: 2, name: name) }
    }

    func pauseChanged(_ change: Change) {
        let pause = Paused(kind: change.effect ?? 0, name: change.text ?? "")
        simulation.note("\(change.kind == .pauseMade ? "paused" : "resumed") \(pause.kind) \(pause.name)")
        if change.kind == .pauseMade { paused.insert(pause) } else { paused.remove(pause) }
    }

    /// A run is stored, or leased: what it is of must not be paused.
    func checkPauses(run id: String, _ change: Change) {
        guard let run = runs[id] else { return }
        let isHeld = paused.contains(.source(events[run.event]?.source ?? ""))
        // What a person wants run does not wait: a replay, and an event in conflict.
        let isNew = change.kind == .runMade && !run.isRepeated && events[run.event]?.isInConflict == false
        if isNew, isHeld { held.insert(id) }
        // The same commit may end the pause, or begin to.
        if change.state == Change.parked { held.remove(id) }
        guard change.isTaken else { return }
        require(
            !paused.contains(.recipe(run.recipe)), .pausedIsLeftAlone,
            "run \(id) was started though \(run.recipe) was paused")
        require(
            !isNew || !isHeld, .pausedIsLeftAlone,
            "run \(id) was started at once though its source was paused")
    }

    /// At the end of a commit: new runs of a paused source are parked.
    func checkHeld() {
        for id in held.sorted() {
            let state = runs[id]?.state
            require(
                Change.isTerminal(state), .pausedIsLeftAlone,
                "run \(id) waits in the queue though its source is paused")
        }
        held = []
    }

    /// An effect is about to be sent: its connection must not be paused.
    func checkPauses(effect change: Change) {
        let isCall = change.state == nil && change.effect == 1 && change.oldEffect != 1
        guard change.isTaken || isCall, let connection = change.other else { return }
        require(
            !paused.contains(.connection(connection)), .pausedIsLeftAlone,
            "effect \(change.id) was begun though \(connection) was paused")
    }

    /// Something comes out of a lease: what was cancelled meanwhile is over.
    func checkCancelled(_ change: Change, isRun: Bool) {
        guard change.oldState == Change.leased, change.state != Change.leased,
            cancelled.remove(change.id) != nil
        else { return }
        require(
            isRun ? change.state == Change.cancelled : Change.isTerminal(change.state), .cancelledIsOver,
            "\(change.id) was cancelled while it was leased, and is in state \(change.state ?? -1)")
    }
}
