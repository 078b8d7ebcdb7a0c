/// An operation that a handler awaits.
package struct CallRequest: Sendable {
    package var run: LeasedRun
    /// The version that executes this attempt: recorded with the first effect, because it pins the run to it.
    package var version: RecipeVersion
    package var connection: String
    package var operation: String
    package var input: JSON
    /// The step of the ledger: the author's key, else `connection.operation#n`.
    package var step: String
    /// The longest time for the answer, already capped by the run's deadline.
    package var timeout: Duration

    package init(
        run: LeasedRun, version: RecipeVersion, connection: String, operation: String, input: JSON, step: String,
        timeout: Duration
    ) {
        self.run = run
        self.version = version
        self.connection = connection
        self.operation = operation
        self.input = input
        self.step = step
        self.timeout = timeout
    }
}
