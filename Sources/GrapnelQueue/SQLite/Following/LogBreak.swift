/// Why a log cannot be followed any further: what comes next is not known to be all that came next.
package struct LogBreak: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
