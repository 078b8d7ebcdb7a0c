/// A line of a Swift file that declares or extends a type.
struct TypeDeclaration {
    let name: String
    let isExtension: Bool
    let isPrivate: Bool
    let isTopLevel: Bool

    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "actor", "protocol", "typealias", "extension",
    ]
    private static let modifiers: Set<Substring> = [
        "package", "public", "internal", "private", "fileprivate", "final", "indirect", "nonisolated", "open",
        "@unchecked", "@main", "@Suite", "@frozen", "@resultBuilder", "@propertyWrapper", "@TaskLocal",
    ]

    /// The declarations of a file, in order.
    static func all(in file: RepositoryFile) -> [TypeDeclaration] {
        file.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(where: { kinds.contains($0) }), position + 1 < words.count,
                words[..<position].allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") || $0.hasSuffix(")") })
            else { return nil }
            let name = words[position + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
            guard !name.isEmpty else { return nil }
            return TypeDeclaration(
                name: String(name), isExtension: words[position] == "extension",
                isPrivate: words[..<position].contains { $0 == "private" || $0 == "fileprivate" },
                isTopLevel: !line.hasPrefix(" "))
        }
    }
}
