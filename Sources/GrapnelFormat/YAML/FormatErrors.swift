/// Every mistake of a file, in the order of their places.
package struct FormatErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// At least one.
    package let errors: [FormatError]

    package init(_ errors: [FormatError]) {
        self.errors = errors.sorted {
            ($0.file, $0.position?.line ?? 0, $0.position?.column ?? 0)
                < ($1.file, $1.position?.line ?? 0, $1.position?.column ?? 0)
        }
    }

    /// A file with one mistake.
    package init(_ error: FormatError) { errors = [error] }

    package var description: String { errors.map(\.description).joined(separator: "\n") }
}
