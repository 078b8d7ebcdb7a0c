import GrapnelCore

extension SQLiteWriter {
    /// Whether another output stands before this one in its line, or would if it joined it.
    private func isBehind(_ outcome: Outcome) throws -> Bool {
        guard let line = OutputLineTable.Line(outcome) else { return false }
        return try outputLines.first(of: line).map { $0.effect != outcome.effect } ?? false
    }

    /// Gives an output that moves its place in its line. One that comes into the line, or back when it was over, joins its
    /// end; one that waits for its time waits for its line as well while another came first, and no claim sees it until
    /// then.
    ///
    /// - Parameter before: How it stood; `nil` for a new one.
    func lineUp(_ outcome: inout Outcome, from before: Outcome?) throws {
        guard let line = OutputLineTable.Line(outcome), let state = outcome.delivery, !state.isTerminal else { return }
        if before?.delivery?.isTerminal ?? true {
            outcome.ticket = (try outputLines.lastTicket(of: line) ?? 0) + 1
        }
        guard let due = outcome.dueAt, due != .never, try isBehind(outcome) else { return }
        outcome.notBefore = due
        outcome.delivery = .scheduled
        outcome.dueAt = .never
    }

    /// Lets the line of an output that is over go on.
    func advance(_ line: OutputLineTable.Line, now: Timestamp) throws {
        guard let first = try outputLines.first(of: line), first.isHeld else { return }
        let due = max(first.notBefore ?? now, now)
        let state: WorkState = due > now ? .scheduled : .ready
        try outputLines.setDue(first, state, at: due)
        counters.moveOutput(from: first.state, to: state)
        hasMadeWork = true
    }
}
