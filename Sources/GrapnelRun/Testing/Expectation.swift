package import GrapnelCore
import GrapnelFormat

/// Compares what a test expects with what came, and says every difference with its place.
///
/// An object holds at least the expected members; a list has exactly the expected elements; `…` in an expected text
/// stands for any text; `null` also means that a member is absent.
package enum Expectation {
    /// The longest text of a value in a difference.
    private static let longestValue = 400

    /// What differs, one line each; empty when `actual` is as expected.
    package static func differences(_ expected: JSON, _ actual: JSON?, at place: String) -> [String] {
        switch (expected, actual) {
        case (.null, nil): return []
        case (.object(let expected), .object(let actual)?):
            return expected.keys.flatMap { key in
                differences(expected[key] ?? .null, actual[key], at: "\(place).\(key)")
            }
        case (.array(let expected), .array(let actual)?) where expected.count == actual.count:
            return expected.indices.flatMap { differences(expected[$0], actual[$0], at: "\(place).\($0)") }
        case (.string(let expected), .string(let actual)?) where ExpectedText.matches(expected, actual): return []
        default:
            if let actual, isSame(expected, actual) { return [] }
            return [difference(place, expected: text(expected), actual: actual.map(text) ?? "nothing")]
        }
    }

    /// One difference, told on two lines so that long values can be compared by eye.
    package static func difference(_ place: String, expected: String, actual: String) -> String {
        "\(place)\n    expected \(expected)\n    got      \(actual)"
    }

    private static func isSame(_ expected: JSON, _ actual: JSON) -> Bool {
        if expected == actual { return true }
        guard let left = expected.double, let right = actual.double else { return false }
        return left == right
    }

    private static func text(_ value: JSON) -> String {
        let text = JSONWriter.text(value)
        return text.count > longestValue ? "\(text.prefix(longestValue))…" : text
    }
}
