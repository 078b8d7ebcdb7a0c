package import GrapnelCore

/// Compares what a test expects with what came: `…` in an expected text stands for any text.
package enum ExpectedText {
    /// Whether a value is as expected.
    package static func matches(_ expected: JSON, _ actual: JSON) -> Bool {
        switch (expected, actual) {
        case (.string(let expected), .string(let actual)):
            return matches(expected, actual)
        case (.array(let expected), .array(let actual)):
            return expected.count == actual.count && zip(expected, actual).allSatisfy { matches($0, $1) }
        case (.object(let expected), .object(let actual)):
            let keys = Set(expected.keys)
            return keys == Set(actual.keys)
                && keys.allSatisfy { key in
                    guard let wanted = expected[key], let value = actual[key] else { return false }
                    return matches(wanted, value)
                }
        default: return expected == actual
        }
    }

    /// Whether a text is as expected.
    package static func matches(_ expected: String, _ actual: String) -> Bool {
        let parts = expected.split(separator: "…", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return expected == actual }
        guard actual.hasPrefix(first) else { return false }
        var rest = actual.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
