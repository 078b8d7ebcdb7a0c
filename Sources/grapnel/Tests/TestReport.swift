import GrapnelCore

/// What came of one test of a recipe or a connector.
struct TestReport {
    /// `recipes/<name>` or `connectors/<name>`.
    var subject: String
    var name: String
    /// What was not as expected; empty when the test passed.
    var differences: [String]
    /// How long the handler took; `nil` for a connector.
    var took: Duration?
    var log: [LogLine] = []
}
