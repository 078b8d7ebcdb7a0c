import GrapnelCore

/// Where the code of a bundle came from: a source map of version 3 (https://tc39.es/ecma426/).
package struct SourceMap: Sendable {
    /// A place in a file; both numbers start at 1.
    package struct Position: Sendable, Hashable {
        package var file: String
        package var line: Int
        package var column: Int

        package init(file: String, line: Int, column: Int) {
            self.file = file
            self.line = line
            self.column = column
        }
    }

    /// From `column` of a generated line on, until the next segment, code came from here. All numbers start at 0.
    private struct Segment {
        var column: Int
        var source: Int
        var line: Int
        var sourceColumn: Int
    }

    /// The member of a map that names the source whose first line has `RuleSource.prefix` before what its author wrote.
    static let prefixedKey = "x_grapnel_prefixed"

    /// Where the last section of an index map may start: more lines than the largest script has bytes.
    private static let greatestLine = 8 << 20

    /// The files that code came from, as the map names them.
    package let sources: [String]
    private var lines: [[Segment]]

    /// The map in this JSON text; `nil` when it is no source map.
    package init?(json bytes: [UInt8]) {
        guard let value = try? JSONParser.parse(bytes) else { return nil }
        if let sections = value["sections"]?.array {
            self.init(sections: sections)
        } else {
            self.init(value)
        }
    }

    private init?(_ value: JSON) {
        guard value["version"]?.integer == 3, let sources = value["sources"]?.array,
            let mappings = value["mappings"]?.string,
            let lines = SourceMap.decode(mappings, sourceCount: sources.count)
        else { return nil }
        self.sources = sources.map { $0.string ?? "" }
        self.lines = lines
        if let name = value[SourceMap.prefixedKey]?.string, let source = self.sources.firstIndex(of: name) {
            self.lines = lines.map { SourceMap.withoutPrefix($0, ofSource: source) }
        }
    }

    /// The segments with the columns of a source's first line as its author counts them.
    private static func withoutPrefix(_ segments: [Segment], ofSource source: Int) -> [Segment] {
        segments.map { segment in
            guard segment.source == source, segment.line == 0 else { return segment }
            var moved = segment
            moved.sourceColumn = max(0, segment.sourceColumn - RuleSource.prefix.utf8.count)
            return moved
        }
    }

    /// An index map: maps of scripts that stand one below the other, each from the start of a line.
    private init?(sections: [JSON]) {
        var sources: [String] = []
        var lines: [[Segment]] = []
        for section in sections {
            guard let line = section["offset"]?["line"]?.integer, section["offset"]?["column"]?.integer == 0,
                line >= lines.count, line < SourceMap.greatestLine, let value = section["map"],
                let map = SourceMap(value)
            else { return nil }
            lines += Array(repeating: [], count: Int(line) - lines.count)
            lines += map.lines.map { segments in
                segments.map { segment in
                    var moved = segment
                    moved.source += sources.count
                    return moved
                }
            }
            sources += map.sources
        }
        self.sources = sources
        self.lines = lines
    }

    /// The place that the code at a place of the bundle came from; `nil` when the bundler itself wrote it.
    package func original(line: Int, column: Int) -> Position? {
        guard lines.indices.contains(line - 1) else { return nil }
        let segments = lines[line - 1]
        // The first segment that starts after the column; the one before it holds it.
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].column <= column - 1 { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let segment = segments[low - 1]
        guard sources.indices.contains(segment.source) else { return nil }
        return Position(file: sources[segment.source], line: segment.line + 1, column: segment.sourceColumn + 1)
    }

    private static func decode(_ mappings: String, sourceCount: Int) -> [[Segment]]? {
        var lines: [[Segment]] = []
        var source = 0
        var line = 0
        var sourceColumn = 0
        for group in mappings.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
            var segments: [Segment] = []
            var column = 0
            for text in group.split(separator: UInt8(ascii: ",")) {
                guard let fields = VariableLengthQuantity.decode(text) else { return nil }
                guard let first = fields.first else { continue }
                column &+= first
                // One field: code that came from nowhere.
                guard fields.count >= 4 else { continue }
                source &+= fields[1]
                line &+= fields[2]
                sourceColumn &+= fields[3]
                guard column >= 0, line >= 0, sourceColumn >= 0, (0..<sourceCount).contains(source) else { return nil }
                segments.append(Segment(column: column, source: source, line: line, sourceColumn: sourceColumn))
            }
            segments.sort { $0.column < $1.column }
            lines.append(segments)
        }
        return lines
    }
}
