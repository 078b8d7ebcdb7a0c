/// Why a handler could not be bundled.
package struct BundleError: Error, Sendable, Hashable, CustomStringConvertible {
    /// At least one.
    package var problems: [BundleProblem]

    package init(problems: [BundleProblem]) { self.problems = problems }

    /// A problem that is of no file.
    init(_ message: String) {
        problems = [BundleProblem(file: nil, line: nil, column: nil, message: message, source: nil)]
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
