import Glibc

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
    var text: String {
        guard let file = fopen("\(Repository.root)/\(path)", "rb") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes.append(contentsOf: chunk[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The lines of the text, line ends cut.
    var lines: [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}
