/// A source, a recipe or a connection that is paused: durable, until somebody resumes it.
package struct Pause: Sendable, Hashable {
    package var kind: PauseKind
    package var name: String
    package var since: Timestamp
    /// For a person; `nil` when none was given.
    package var reason: String?
    /// Who paused it: `operator`, or `grapnel` itself.
    package var by: String

    package init(kind: PauseKind, name: String, since: Timestamp, reason: String?, by: String) {
        self.kind = kind
        self.name = name
        self.since = since
        self.reason = reason
        self.by = by
    }
}
