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
    /// Answers that refuse for good, although the general rule would say otherwise.
    package var rejected: [Match]
    /// Answers that leave open whether it happened, although the general rule would say otherwise.
    package var unknown: [Match]
    /// Answers that refuse the credentials of the connection, besides 401 and 403.
    package var unauthorized: [Match]
    /// What the answer says went wrong, for people; `nil`: the start of the body.
    package var error: Template?
    /// The operation's output over `body`, `headers` and `status`; `nil`: the body.
    package var output: JSONTemplate?

    package init(
        success: Match = Match(statuses: [StatusRange(200, 299)]), retryable: [Match] = [], rejected: [Match] = [],
        unknown: [Match] = [], unauthorized: [Match] = [], error: Template? = nil, output: JSONTemplate? = nil
    ) {
        self.success = success
        self.retryable = retryable
        self.rejected = rejected
        self.unknown = unknown
        self.unauthorized = unauthorized
        self.error = error
        self.output = output
    }
}
