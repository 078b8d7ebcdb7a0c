import TestSupport
import Testing

/// A page has one title, and its links lead somewhere.
@Suite struct MarkdownTests {
    static let pages = Repository.everything(named: [".md"])

    @Test(arguments: pages) func `a page begins with its only title`(_ page: RepositoryFile) throws {
        let lines = Self.prose(of: page)
        let titles = lines.filter { $0.hasPrefix("# ") }
        #expect(titles.count == 1, "\(page) has the titles \(titles)")
        let first = try #require(lines.first { !$0.allSatisfy(\.isWhitespace) })
        #expect(first.hasPrefix("# "), "\(page) begins with \(first)")
    }

    @Test(arguments: pages) func `a link to a file leads to a file`(_ page: RepositoryFile) {
        for target in Self.prose(of: page).flatMap(Self.targets(in:)) {
            let path = target.prefix { $0 != "#" && $0 != " " }
            guard !path.isEmpty, !target.contains("://"), !target.hasPrefix("mailto:") else { continue }
            let file = path.hasPrefix("/") ? String(path) : (page.folders + [String(path)]).joined(separator: "/")
            #expect(Checkout.exists(file), "\(page) links to \(path)")
        }
    }

    @Test func `the targets of a line are those of its links`() {
        #expect(Self.targets(in: "see [a](b.md), ![c](d/e.png) and [f] (g)") == ["b.md", "d/e.png"])
    }

    /// The lines outside of code.
    static func prose(of page: RepositoryFile) -> [String] {
        var isCode = false
        return page.lines.filter { line in
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isCode.toggle()
                return false
            }
            return !isCode
        }
    }

    /// What the inline links of a line lead to.
    static func targets(in line: String) -> [String] {
        line.ranges(of: "](").compactMap { range in
            guard let end = line[range.upperBound...].firstIndex(of: ")") else { return nil }
            return String(line[range.upperBound..<end])
        }
    }
}
