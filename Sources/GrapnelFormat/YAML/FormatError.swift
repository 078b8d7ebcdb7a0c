/// One mistake in a file: where it is, what is wrong, and what to do.
package struct FormatError: Error, Sendable, Hashable, CustomStringConvertible {
    package var file: String
    /// `nil` when the mistake has no place, such as a missing file.
    package var position: SourcePosition?
    /// What is wrong.
    package var message: String
    /// What to do, such as `did you mean "sources"?`.
    package var hint: String?

    package init(file: String, position: SourcePosition?, message: String, hint: String? = nil) {
        self.file = file
        self.position = position
        self.message = message
        self.hint = hint
    }

    package var description: String {
        let place = position.map { "\(file):\($0.line):\($0.column)" } ?? file
        return "\(place): \(message)" + (hint.map { " (\($0))" } ?? "")
    }
}
