import GrapnelCore

/// What is done to many at once, and how that is said.
enum BulkAction {
    case replay(ReplayCommand.Mode, includesReplayed: Bool)
    case cancelRuns
    case cancelOutputs
    case resolve(EffectChoice)

    /// What the hub is asked to do.
    var members: [(String, JSON)] {
        switch self {
        case .replay(let mode, let includesReplayed):
            [
                ("action", "replay"), ("mode", .string(mode.rawValue)), ("replayed", .bool(includesReplayed)),
            ]
        case .cancelRuns: [("action", "cancel"), ("what", "runs")]
        case .cancelOutputs: [("action", "cancel"), ("what", "effects")]
        case .resolve(let choice): [("action", "resolve"), ("choice", .string(choice.rawValue))]
        }
    }

    /// Whether what was done fits the filter no more, so that the same command goes on where it was stopped.
    var isResumable: Bool {
        if case .replay(_, includesReplayed: true) = self { return false }
        return true
    }

    /// "replay 3 runs".
    func words(_ count: Int) -> String {
        switch self {
        case .replay(.missing, _): "replay \(runs(count)), finishing what is missing"
        case .replay(.again, _): "replay \(runs(count)), doing everything again"
        case .cancelRuns: "cancel \(runs(count))"
        case .cancelOutputs: "cancel the delivery of \(effects(count))"
        case .resolve(.confirm): "confirm \(effects(count)): they happened"
        case .resolve(.resend): "send \(effects(count)) again"
        case .resolve(.drop): "drop \(effects(count))"
        }
    }

    /// "replayed".
    var done: String {
        switch self {
        case .replay: "replayed"
        case .cancelRuns, .cancelOutputs: "cancelled"
        case .resolve(.confirm): "confirmed"
        case .resolve(.resend): "armed to be sent"
        case .resolve(.drop): "dropped"
        }
    }

    private func runs(_ count: Int) -> String { "\(count.grouped) run\(count == 1 ? "" : "s")" }
    private func effects(_ count: Int) -> String { "\(count.grouped) effect\(count == 1 ? "" : "s")" }

    /// What becomes of recorded effects of one state and class; `nil` when there is nothing to say.
    func fate(state: String, effectClass: String) -> String? {
        let isUnknown = state == EffectState.unknown.rawValue || state == EffectState.inFlight.rawValue
        let isConfirmed = state == EffectState.confirmed.rawValue
        let parks = effectClass == EffectClass.atMostOnce.rawValue
        let repeatsSafely = effectClass != EffectClass.atLeastOnce.rawValue && !parks
        switch self {
        case .replay(.missing, _):
            if isConfirmed { return "kept, not sent again" }
            if isUnknown {
                return parks ? "parked for you to decide" : repeatsSafely ? "sent again, safely" : "sent, maybe twice"
            }
            return "sent when the handler asks for it"
        case .replay(.again, _):
            return isConfirmed ? "sent a second time" : isUnknown ? "sent, maybe a second time" : "sent"
        case .cancelRuns: return nil
        case .cancelOutputs: return isUnknown ? "not sent again" : "not sent"
        case .resolve(.confirm): return isUnknown ? "recorded as done, nothing is sent" : "refused: it is not unknown"
        case .resolve(.resend): return isUnknown ? "sent, maybe a second time" : "sent again"
        case .resolve(.drop): return "given up"
        }
    }
}
