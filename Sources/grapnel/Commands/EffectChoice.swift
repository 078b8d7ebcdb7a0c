import ArgumentParser

/// What a person decides about an effect.
enum EffectChoice: String, EnumerableFlag {
    case confirm
    case resend
    case drop

    static func help(for value: EffectChoice) -> ArgumentHelp? {
        switch value {
        case .confirm: "It happened: record it; nothing is sent."
        case .resend: "Send it again, with the key that it has."
        case .drop: "Give it up: what waited for it is dead."
        }
    }
}
