package import GrapnelCore

/// What leases count as lost.
package struct LeaseRescue: Sendable {
    /// The limits of what is rescued: a run or output over `maxLosses` dies.
    package var policy: RetryPolicy
    /// The most rows of one commit. Default 1,000.
    package var limit: Int

    package init(policy: RetryPolicy = RetryPolicy(), limit: Int = 1000) {
        self.policy = policy
        self.limit = limit
    }
}
