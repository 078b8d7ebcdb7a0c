package import GrapnelCore

/// Something that a person did to what is kept.
package struct AuditRecord: Sendable, Hashable, IdentifiedSubject {
    package static let identifierPrefix = "aud"

    package var id: Identifier<AuditRecord>
    package var at: Timestamp
    /// When it was done to its end; `nil` when it was broken off.
    package var finishedAt: Timestamp?
    package var actor: String
    /// What was done: `erase`.
    package var action: String
    /// Tells what it was about from anything else, and is not it: a SHA-256.
    package var subject: String
    /// Rows that were changed or deleted.
    package var rows: Int
}
