/// When a run may start among the others of its recipe: what recipe.yaml asks for, its keys computed from the event.
package struct RunFlow: Sendable, Hashable {
    /// The line of a key that a run stands in.
    package struct Lane: Sendable, Hashable {
        package var key: String
        /// How many runs of the key may be leased at a time; `nil`: one after another, in the order of their
        /// acceptance, each only when the one before it has ended for good.
        package var limit: Int?

        package init(key: String, limit: Int? = nil) {
            self.key = key
            self.limit = limit
        }
    }

    /// A token bucket that starts take from: `count` at once, and one more in every `interval / count`.
    package struct Rate: Sendable, Hashable {
        /// Empty for the recipe's own bucket.
        package var key: String
        /// At least 1.
        package var count: Int
        /// More than zero.
        package var interval: Duration

        package init(key: String, count: Int, interval: Duration) {
            self.key = key
            self.count = count
            self.interval = interval
        }
    }

    /// How several events become one run.
    package enum Gathering: Sendable, Hashable {
        /// Only the last event runs, when none came for `quiet`, or `atMost` after the first.
        case debounce(key: String, quiet: Duration, atMost: Duration?)
        /// The events run together: when there are `size` of them, when their bodies would be more than `bytes`, or
        /// `within` after the first.
        case batch(key: String, size: Int, bytes: ByteCount, within: Duration)
    }

    package var lane: Lane?
    package var rate: Rate?
    /// How long the run waits from its acceptance on.
    package var delay: Duration
    package var gathering: Gathering?

    package init(
        lane: Lane? = nil, rate: Rate? = nil, delay: Duration = .zero, gathering: Gathering? = nil
    ) {
        self.lane = lane
        self.rate = rate
        self.delay = delay
        self.gathering = gathering
    }

    /// Nothing keeps the run from starting at once.
    package static let free = RunFlow()

    /// Whether the run can be leased by the commit that accepts its event, as far as the flow alone can tell.
    package var mayStartAtOnce: Bool { delay <= .zero && gathering == nil }

    /// The flow of a run that a person asked for: its line and its rate hold, waiting for more events does not.
    package var ofReplay: RunFlow { RunFlow(lane: lane, rate: rate) }
}
