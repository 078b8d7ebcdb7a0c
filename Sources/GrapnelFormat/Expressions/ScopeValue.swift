package import GrapnelCore

/// What a root of a path stands for.
package enum ScopeValue: Sendable {
    case json(JSON)
    /// Exact bytes: they have no members, and become text only where text is asked for.
    case bytes([UInt8])
    /// Fields by name, without regard to case.
    case headers(HeaderFields)
}
