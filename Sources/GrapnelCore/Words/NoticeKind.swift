/// What a notice is about. The event of a notice has the type `notice.<kind>`.
package enum NoticeKind: String, Sendable, Hashable, CaseIterable {
    /// A run or an output gave up.
    case deadLetter = "dead_letter"
    /// An effect waits for a human.
    case parkedEffect = "parked_effect"
    case connectionPaused = "connection_paused"
    case connectionResumed = "connection_resumed"
    /// A version of a recipe broke its sandbox too often.
    case versionQuarantined = "version_quarantined"
    case diskFull = "disk_full"
    /// A source has accepted nothing for as long as its `quiet` says.
    case sourceQuiet = "source_quiet"
    /// Nothing outside can be reached.
    case offline
    case online
}
