/// One `import` line of a Swift file.
struct ImportLine {
    let number: Int
    let module: String
    /// Whether it stands under `#else`, where FoundationEssentials does not exist.
    let isFallback: Bool
    let isTestable: Bool

    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]

    /// The imports of a file, in order.
    static func all(in file: RepositoryFile) -> [ImportLine] {
        let lines = file.lines
        return lines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            // A word before `import` is an attribute or an access level; anything else is prose or code.
            guard let position = words.firstIndex(of: "import"), !line.hasPrefix(" "),
                words[..<position].allSatisfy({ $0.hasPrefix("@") || ["package", "public", "internal"].contains($0) })
            else { return nil }
            let rest = words[(position + 1)...].drop { kinds.contains($0) }
            guard let path = rest.first, let module = path.split(separator: ".").first else { return nil }
            return ImportLine(
                number: index + 1, module: String(module), isFallback: index > 0 && lines[index - 1] == "#else",
                isTestable: words[..<position].contains("@testable"))
        }
    }
}
