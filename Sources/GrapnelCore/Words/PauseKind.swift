/// What a person, or the hub itself, can pause.
package enum PauseKind: String, Sendable, Hashable, CaseIterable {
    /// Its events are taken and stored; their runs are parked until it is resumed.
    case source
    /// Its runs wait in the queue.
    case recipe
    /// Its outputs wait in the queue; a run that calls it is parked until it is resumed.
    case connection
}
