/// Why a program cannot be started, with what to do.
package struct ProcessRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
