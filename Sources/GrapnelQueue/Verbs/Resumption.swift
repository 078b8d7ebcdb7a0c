package import GrapnelCore

/// The wish to let something that is paused go on: one step of it.
package struct Resumption: Sendable {
    package var kind: PauseKind
    package var name: String
    /// The most runs that one commit wakes. Default 500.
    package var limit: Int

    package init(kind: PauseKind, name: String, limit: Int = 500) {
        self.kind = kind
        self.name = name
        self.limit = limit
    }
}
