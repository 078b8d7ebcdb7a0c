package import GrapnelCore

/// The wish to pause something.
package struct PauseOrder: Sendable {
    package var kind: PauseKind
    package var name: String
    /// For a person; `nil` when there is none.
    package var reason: String?
    /// Who wishes it: `operator`, or `grapnel` itself.
    package var by: String

    package init(kind: PauseKind, name: String, reason: String? = nil, by: String = "operator") {
        self.kind = kind
        self.name = name
        self.reason = reason
        self.by = by
    }
}
