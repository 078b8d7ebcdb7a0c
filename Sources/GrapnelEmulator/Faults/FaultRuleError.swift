/// Why a fault cannot be had, and what to write instead.
package struct FaultRuleError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
