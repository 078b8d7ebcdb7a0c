import GrapnelCore

/// A stack of JavaScriptCore, told in the user's own files and lines.
package enum StackTrace {
    /// Frames that are kept.
    package static let maxFrames = 20

    /// The stack with every frame of the bundle moved to where its code came from.
    ///
    /// - Parameters:
    ///   - stack: Frames as JavaScriptCore writes them, one a line: `name@file:line:column`.
    ///   - fileName: The name under which the bundle was evaluated.
    ///   - map: The map of the bundle; without one the frames keep their places.
    package static func mapped(_ stack: String, fileName: String, map: SourceMap?) -> String {
        stack.split(separator: "\n").prefix(maxFrames).map { line in
            let frame = Frame(line)
            guard let place = frame.place, place.file == fileName else { return frame.text }
            guard let map else { return frame.text }
            guard let original = map.original(line: place.line, column: place.column) else { return frame.text }
            return Frame(name: frame.name, place: original).text
        }.joined(separator: "\n")
    }

    /// One line of a stack.
    private struct Frame {
        var name: Substring
        var place: SourceMap.Position?

        init(name: Substring, place: SourceMap.Position?) {
            self.name = name
            self.place = place
        }

        init(_ line: Substring) {
            let at = line.lastIndex(of: "@")
            name = at.map { line[..<$0] } ?? ""
            let rest = at.map { line[line.index(after: $0)...] } ?? line
            let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 3, let column = Int(parts[parts.count - 1]), let number = Int(parts[parts.count - 2])
            else {
                if at == nil { name = line }
                place = at == nil ? nil : SourceMap.Position(file: String(rest), line: 0, column: 0)
                return
            }
            place = SourceMap.Position(
                file: parts.dropLast(2).joined(separator: ":"), line: number, column: column)
        }

        var text: String {
            guard let place else { return String(name) }
            let position = place.line > 0 ? "\(place.file):\(place.line):\(place.column)" : place.file
            return name.isEmpty ? "at \(position)" : "at \(name) (\(position))"
        }
    }
}
