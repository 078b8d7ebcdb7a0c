/// Why there can be no isolates.
package struct IsolatePoolError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
