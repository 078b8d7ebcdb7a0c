import GrapnelCore

/// A text with holes, matched against a text that was made from it: the inverse of a template.
struct TextPattern: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case literal(String)
        case hole(PatternHole)
    }

    let parts: [Part]

    init(_ parts: [Part]) {
        self.parts = parts
    }

    /// The hole, when the text is nothing else.
    var wholeHole: PatternHole? {
        guard parts.count == 1, case .hole(let hole)? = parts.first else { return nil }
        return hole
    }

    /// The text with a mark for every hole.
    var description: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .hole(let hole): "{\(hole.name)}"
            }
        }.joined()
    }

    /// Whether there is any hole.
    var hasHole: Bool {
        parts.contains { if case .hole = $0 { true } else { false } }
    }

    /// What stands in each hole; `nil` when `text` was not made from this pattern.
    ///
    /// A hole ends where the literal behind it first comes, the last one where it last comes. Holes side by side cannot
    /// be told apart, and are left out.
    func match(_ text: String) -> [(hole: PatternHole, text: String)]? {
        var found: [(hole: PatternHole, text: String)] = []
        var rest = Substring(text)
        var open: [PatternHole] = []
        func close(with value: Substring) {
            if open.count == 1 { found.append((open[0], String(value))) }
            open = []
        }
        for (index, part) in parts.enumerated() {
            switch part {
            case .hole(let hole): open.append(hole)
            case .literal(let literal) where open.isEmpty:
                guard rest.hasPrefix(literal) else { return nil }
                rest = rest.dropFirst(literal.count)
            case .literal(let literal) where index == parts.count - 1:
                guard rest.hasSuffix(literal) else { return nil }
                rest = rest.dropLast(literal.count)
                close(with: rest)
                return found
            case .literal(let literal):
                guard let range = rest.firstRange(of: literal) else { return nil }
                close(with: rest[..<range.lowerBound])
                rest = rest[range.upperBound...]
            }
        }
        guard !open.isEmpty || rest.isEmpty else { return nil }
        close(with: rest)
        return found
    }
}
