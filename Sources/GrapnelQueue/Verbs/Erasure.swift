package import GrapnelCore

/// Erases what a search found.
package struct Erasure: Sendable {
    /// Names the record of this erasure; the same for all its steps.
    package var id: Identifier<AuditRecord>
    package var pattern: ErasurePattern
    package var findings: ErasureFindings
    /// Who asked for it.
    package var actor: String
    /// Tells the value from others, and is not it: its SHA-256 in hex.
    package var subject: String
    /// Whether this is the last step: then the log is emptied too, so that no file holds the bytes.
    package var isLast: Bool

    package init(
        id: Identifier<AuditRecord>, pattern: ErasurePattern, findings: ErasureFindings, actor: String, subject: String,
        isLast: Bool
    ) {
        self.id = id
        self.pattern = pattern
        self.findings = findings
        self.actor = actor
        self.subject = subject
        self.isLast = isLast
    }
}
