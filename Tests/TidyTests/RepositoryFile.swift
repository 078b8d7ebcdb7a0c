import TestSupport

/// One file of the repository.
struct RepositoryFile: Sendable, CustomStringConvertible {
    /// The path from the top folder.
    let path: String

    var description: String { path }

    /// The last part of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The parts of the path.
    var folders: [String] { path.split(separator: "/").dropLast().map(String.init) }

    /// The text, empty when it cannot be read.
    var text: String { Checkout.text(path) }

    /// The lines of the text, line ends cut.
    var lines: [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
