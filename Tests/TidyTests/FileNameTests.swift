import Testing

/// A reader who knows a type's name knows its file.
@Suite struct FileNameTests {
    static let files = ["Sources", "Tests"].flatMap { Repository.files(in: $0, named: [".swift"]) }
        .filter { $0.name != "main.swift" }

    /// The folders whose only file is empty: a target that has nothing yet.
    static func isLoneAndEmpty(_ file: RepositoryFile) -> Bool {
        let folder = file.folders.joined(separator: "/")
        return file.text.allSatisfy(\.isWhitespace)
            && Repository.files(in: folder, named: [".swift"]).count == 1
    }

    @Test func `a file is named after a type that it declares or extends`() {
        for file in Self.files where !Self.isLoneAndEmpty(file) {
            let base = file.name.dropLast(".swift".count)
            let parts = base.split(separator: "+", maxSplits: 1)
            let isDeclared = TypeDeclaration.all(in: file).contains {
                $0.name == parts[0] && (parts.count == 2 || !$0.isExtension)
            }
            #expect(isDeclared, "\(file) declares no \(parts[0])")
        }
    }

    @Test func `a file declares one type`() {
        for file in Self.files {
            let seen = TypeDeclaration.all(in: file).filter { !$0.isExtension && !$0.isPrivate && $0.isTopLevel }
            #expect(seen.count <= 1, "\(file) declares \(seen.map(\.name))")
        }
    }

    @Test func `a name says what the file is for`() {
        for word in ["Utils", "Utilities", "Helpers", "Common", "Misc", "Manager"] {
            let named = Self.files.filter { $0.name.contains(word) || $0.folders.contains(word) }
            #expect(named.isEmpty, "\(word) names nothing")
        }
    }
}
