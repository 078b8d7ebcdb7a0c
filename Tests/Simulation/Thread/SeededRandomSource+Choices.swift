import GrapnelCore
import TestSupport

extension SeededRandomSource {
    /// A number in 0 ..< `count`.
    func below(_ count: Int) -> Int { Int(next() % UInt64(max(count, 1))) }

    /// A number of the range.
    func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// `true` so often.
    func chance(_ probability: Double) -> Bool { probability > 0 && unit() < probability }

    /// One of `choices`; `nil` of none.
    func pick<Choice>(_ choices: [Choice]) -> Choice? { choices.isEmpty ? nil : choices[below(choices.count)] }
}
