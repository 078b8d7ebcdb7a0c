package import GrapnelCore

/// What came of reading the hub directory again.
package enum HubReload: Sendable {
    /// It was taken on; what changed, for people and scripts.
    case done(JSON)
    /// It has mistakes, and everything stays as it was.
    case refused(problems: [String])
}
