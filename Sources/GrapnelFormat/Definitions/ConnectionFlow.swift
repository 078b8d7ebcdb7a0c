package import GrapnelCore

/// When the effects of a connection may go, beyond its own rate and concurrency: what grapnel.yaml says of their keys.
///
/// A rule does not concern an effect in which its path leads nowhere.
package struct ConnectionFlow: Sendable, Hashable {
    /// Sends of each key in a time.
    package var rate: KeyedRate?
    /// Sends of each key at a time.
    package var concurrency: KeyedLimit?

    package init(rate: KeyedRate? = nil, concurrency: KeyedLimit? = nil) {
        self.rate = rate
        self.concurrency = concurrency
    }

    /// Whether effects may go by themselves, whatever their keys.
    package var limitsKeys: Bool { rate != nil || concurrency != nil }

    /// The keys of one effect that its connection limits.
    ///
    /// - Parameters:
    ///   - operation: The name of the operation.
    ///   - input: What it is asked with.
    package func keys(operation: String, input: JSON) -> EffectKeys {
        guard limitsKeys else { return .none }
        let scope = ConnectionFlow.scope(operation, input)
        return EffectKeys(rate: rate?.key?.key(in: scope), concurrency: concurrency?.key.key(in: scope))
    }

    /// What the paths of keys begin with.
    static let roots = ["input", "operation"]

    private static func scope(_ operation: String, _ input: JSON) -> DictionaryScope {
        DictionaryScope(["input": .json(input), "operation": .json(.string(operation))])
    }
}
