import TestSupport
import Testing

/// The bugs that `make planted-bugs` plants are edits of real lines: they go with the code.
@Suite struct PlantedBugTests {
    private static let folder = "Tests/Simulation/Bugs"
    static let names = Checkout.names(in: folder).filter { $0.hasSuffix(".bug") }

    @Test func `there are thirty at least`() {
        #expect(Self.names.count >= 30)
    }

    @Test(arguments: names) func `what a bug replaces is in its file once`(_ name: String) {
        var file = ""
        var sections: [String] = []
        for part in Checkout.text("\(Self.folder)/\(name)").split(separator: "\nfile: ").dropFirst() {
            let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            file = String(lines[0])
            sections = lines.count > 1 ? String(lines[1]).components(between: "--- find\n", "\n--- replace\n") : []
            let text = Checkout.text(file)
            #expect(!sections.isEmpty, "\(name) replaces nothing in \(file)")
            for section in sections {
                #expect(text.ranges(of: section).count == 1, "\(name): look at \(file) again:\n\(section)")
            }
        }
        #expect(!file.isEmpty)
    }
}

extension String {
    /// The texts between each `start` and the next `end`.
    fileprivate func components(between start: String, _ end: String) -> [String] {
        var found: [String] = []
        var rest = self[...]
        while let begin = rest.firstRange(of: start) {
            rest = rest[begin.upperBound...]
            guard let stop = rest.firstRange(of: end) else { break }
            found.append(String(rest[..<stop.lowerBound]))
            rest = rest[stop.upperBound...]
        }
        return found
    }
}
