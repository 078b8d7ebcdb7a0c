package import GrapnelCore

/// Where a person's value stands.
package struct ErasureFindings: Sendable, Hashable {
    /// Requests that hold it, or on which something hangs that does, by their numbers.
    package var stories: [Int64] = []
    /// Rejected requests, by their numbers.
    package var rejections: [Int64] = []
    /// Entries of stores: tenant, recipe, key.
    package var keyValues: [[String]] = []
    /// Remembered delivery ids: tenant, source, id.
    package var deliveries: [[String]] = []
    /// How many rows of each table hold it.
    package var rows: [String: Int] = [:]
    /// Runs among them that are not over, or whose outputs are not: what they need cannot be erased.
    package var open: [Identifier<Run>] = []
    /// Rows that were looked at.
    package var visited = 0
    /// Where to go on; `nil` at the end.
    package var next: ErasurePlace?

    package init() {}
}
