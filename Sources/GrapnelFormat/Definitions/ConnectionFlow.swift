package import GrapnelCore

/// When the effects of a connection may go, beyond its own rate and concurrency: what grapnel.yaml says of their keys.
///
/// A rule does not concern an effect in which its path leads nowhere.
package struct ConnectionFlow: Sendable, Hashable {
    /// Sends of each key in a time.
    package var rate: KeyedRate?
    /// Sends of each key at a time.
    package var concurrency: KeyedLimit?
    /// Outputs of one key are sent one after another, in the order of their commits.
    package var orderBy: PathExpression?
    /// How long after the moment that it is meant for an output may still be sent; `nil`: for ever.
    package var expire: Duration?

    package init(
        rate: KeyedRate? = nil, concurrency: KeyedLimit? = nil, orderBy: PathExpression? = nil, expire: Duration? = nil
    ) {
        self.rate = rate
        self.concurrency = concurrency
        self.orderBy = orderBy
        self.expire = expire
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

    /// The key of the line that an output stands in; `nil` for none.
    package func lane(operation: String, input: JSON) -> String? {
        orderBy?.key(in: ConnectionFlow.scope(operation, input))
    }

    /// What the paths of keys begin with.
    static let roots = ["input", "operation"]

    private static func scope(_ operation: String, _ input: JSON) -> DictionaryScope {
        DictionaryScope(["input": .json(input), "operation": .json(.string(operation))])
    }
}
