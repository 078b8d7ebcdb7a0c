import GrapnelCore
import GrapnelFormat

/// A place in a request where a value was put in.
struct PatternHole: Sendable, Hashable {
    /// How the value is read back out of what a filter made of it.
    enum Reading: Sendable, Hashable {
        /// It stands there itself.
        case plain
        /// The elements of an array, with this between them.
        case split(String)
        /// JSON text.
        case parse
        /// It cannot be read back.
        case impossible
    }

    /// `input`, `credential`, `event`, `run` …
    let root: String
    /// The keys below the root.
    let path: [String]
    /// What stands there when the value is absent.
    let fallback: JSON?
    let reading: Reading

    /// The hole that a placeholder leaves.
    init(_ placeholder: Placeholder) {
        var keys: [String] = []
        var fallback: JSON?
        var reading = Reading.plain
        for step in placeholder.path.steps {
            if case .key(let key) = step { keys.append(key) } else { reading = .impossible }
        }
        for filter in placeholder.filters {
            switch filter {
            case .defaultValue(let value): fallback = value
            case .join(let separator) where reading == .plain && !separator.isEmpty: reading = .split(separator)
            case .json where reading == .plain: reading = .parse
            default: reading = .impossible
            }
        }
        root = placeholder.path.root
        path = keys
        self.fallback = fallback
        self.reading = reading
    }

    /// The path as an author writes it.
    var name: String { ([root] + path).joined(separator: ".") }

    /// The value behind what stands there; `nil` when it cannot be read back.
    func value(behind shown: JSON) -> JSON? {
        switch reading {
        case .plain: shown
        case .split(let separator):
            shown.string.map { text in
                .array(text.isEmpty ? [] : text.split(byText: separator).map { .string($0) })
            }
        case .parse: shown.string.flatMap { try? JSONParser.parse($0) }
        case .impossible: nil
        }
    }
}

extension String {
    /// The parts between occurrences of `separator`, empty ones kept.
    fileprivate func split(byText separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
