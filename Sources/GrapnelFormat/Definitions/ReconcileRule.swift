import GrapnelCore

/// `reconcile:` of an operation: how to ask the vendor whether it took place.
package struct ReconcileRule: Sendable {
    /// The operation that looks it up; of the class `safe`.
    package var operation: String
    /// The input of the look-up, over `input`, `event` and `run` of what is looked up.
    package var input: JSONTemplate
    /// What holds of the look-up's `output` when it took place; `nil`: that the look-up succeeded.
    package var found: Predicate?
    /// What is recorded as the operation's output, over the look-up's `output`; `nil`: that output.
    package var output: JSONTemplate?
    /// How long after the end of the sending it is looked up, and between two look-ups. Default 60 s.
    package var after: Duration
    /// Look-ups before a person is asked. Default 3.
    package var tries: Int

    package init(
        operation: String, input: JSONTemplate, found: Predicate? = nil, output: JSONTemplate? = nil,
        after: Duration = .seconds(60), tries: Int = 3
    ) {
        self.operation = operation
        self.input = input
        self.found = found
        self.output = output
        self.after = after
        self.tries = tries
    }
}
