import GrapnelCore

/// Gathers the mistakes of one file while it is decoded, so that a user sees all of them at once.
final class FormatCollector {
    let file: String
    private(set) var errors: [FormatError] = []

    init(file: String) {
        self.file = file
    }

    func add(_ position: SourcePosition?, _ message: String, hint: String? = nil) {
        errors.append(FormatError(file: file, position: position, message: message, hint: hint))
    }

    /// Throws when there was a mistake.
    func check() throws(FormatErrors) {
        guard errors.isEmpty else { throw FormatErrors(errors) }
    }

    /// What `make` returns; its error becomes a mistake at `position`.
    func attempt<Value>(at position: SourcePosition?, _ make: () throws(ExpressionError) -> Value) -> Value? {
        do {
            return try make()
        } catch {
            add(position, error.description)
            return nil
        }
    }
}
