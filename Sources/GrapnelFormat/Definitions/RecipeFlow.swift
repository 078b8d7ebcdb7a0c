package import GrapnelCore

/// When the runs of a recipe start: its keys `order_by`, `concurrency`, `rate`, `delay`, `expire`, `priority`,
/// `debounce` and `batch`.
///
/// A rule with a key does not concern an event in which the key's path leads nowhere.
package struct RecipeFlow: Sendable, Hashable {
    /// Only the last of several events runs.
    package struct Debounce: Sendable, Hashable {
        /// How long no event must have come.
        package var quiet: Duration
        /// How long after the first it runs at the latest; `nil`: as long as events come.
        package var atMost: Duration?
        package var key: PathExpression?
    }

    /// Several events run together.
    package struct Batch: Sendable, Hashable {
        /// At least 1.
        package var size: Int
        /// How long after the first they run, however few there are.
        package var within: Duration
        package var key: PathExpression?
    }

    package var orderBy: PathExpression?
    /// Runs of the recipe at a time, whatever their key; `nil`: as many as there are places.
    package var concurrency: Int?
    package var keyedConcurrency: KeyedLimit?
    package var rate: KeyedRate?
    /// Default zero.
    package var delay: Duration
    /// How long after its acceptance a run may still start; `nil`: for ever.
    package var expire: Duration?
    /// From -100 to 100; higher ones are claimed first. Default 0.
    package var priority: Int
    package var debounce: Debounce?
    package var batch: Batch?

    package init(
        orderBy: PathExpression? = nil, concurrency: Int? = nil, keyedConcurrency: KeyedLimit? = nil,
        rate: KeyedRate? = nil, delay: Duration = .zero, expire: Duration? = nil, priority: Int = 0,
        debounce: Debounce? = nil, batch: Batch? = nil
    ) {
        self.orderBy = orderBy
        self.concurrency = concurrency
        self.keyedConcurrency = keyedConcurrency
        self.rate = rate
        self.delay = delay
        self.expire = expire
        self.priority = priority
        self.debounce = debounce
        self.batch = batch
    }

    /// What it says of the run of one event.
    ///
    /// - Parameters:
    ///   - scope: The event.
    ///   - most: What the bodies of a batch may take up together.
    package func flow(in scope: some ValueScope, most: ByteCount) -> RunFlow {
        var flow = RunFlow(delay: delay)
        if let key = orderBy?.key(in: scope) { flow.lane = RunFlow.Lane(key: key) }
        if let rule = keyedConcurrency, let key = rule.key.key(in: scope) {
            flow.lane = RunFlow.Lane(key: key, limit: rule.limit)
        }
        if let rule = rate, let key = RecipeFlow.key(rule.key, in: scope) {
            flow.rate = RunFlow.Rate(key: key, count: rule.limit.count, interval: rule.limit.interval)
        }
        if let rule = debounce, let key = RecipeFlow.key(rule.key, in: scope) {
            flow.gathering = .debounce(key: key, quiet: rule.quiet, atMost: rule.atMost)
        }
        if let rule = batch {
            let key = RecipeFlow.key(rule.key, in: scope)
            // Its handler awaits a batch, be it of one.
            flow.gathering = .batch(
                key: key ?? "", size: key == nil ? 1 : rule.size, bytes: most, within: rule.within)
        }
        return flow
    }

    /// The key of a rule that may have none; empty without a path, `nil` when it leads nowhere.
    private static func key(_ path: PathExpression?, in scope: some ValueScope) -> String? {
        guard let path else { return "" }
        return path.key(in: scope)
    }
}
