/// An invariant that did not hold.
package struct Violation: Sendable, Hashable, CustomStringConvertible {
    package let invariant: Invariant
    package let detail: String

    package var description: String { "\(invariant.rawValue) \(invariant): \(detail)" }
}
