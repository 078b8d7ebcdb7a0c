package import GrapnelCore

/// A part of a list: what was found among a bounded number of rows, and where to go on.
package struct SearchPage<Row: Sendable, Subject: IdentifiedSubject>: Sendable {
    package var rows: [Row]
    /// How many rows were looked at.
    package var scanned: Int
    /// The last row that was looked at: the next page begins after it. `nil` at the end of the list.
    package var next: Identifier<Subject>?

    package init(rows: [Row], scanned: Int, next: Identifier<Subject>?) {
        self.rows = rows
        self.scanned = scanned
        self.next = next
    }
}
