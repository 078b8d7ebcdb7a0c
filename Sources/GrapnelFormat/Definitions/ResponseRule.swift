/// `response:` of an operation: what an answer means.
package struct ResponseRule: Sendable {
    /// Answers that are meant: any of these statuses (empty: any), and the condition.
    package struct Match: Sendable {
        package var statuses: [StatusRange]
        package var condition: Predicate?

        package init(statuses: [StatusRange] = [], condition: Predicate? = nil) {
            self.statuses = statuses
            self.condition = condition
        }
    }

    /// Default: 200–299.
    package var success: Match
    /// Answers after which another try can help, although the general rule would say otherwise.
    package var retryable: [Match]
    /// The operation's output over `body`, `headers` and `status`; `nil`: the body.
    package var output: JSONTemplate?

    package init(
        success: Match = Match(statuses: [StatusRange(200, 299)]), retryable: [Match] = [],
        output: JSONTemplate? = nil
    ) {
        self.success = success
        self.retryable = retryable
        self.output = output
    }
}
