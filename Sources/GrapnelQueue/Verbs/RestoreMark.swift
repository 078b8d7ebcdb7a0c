package import GrapnelCore

/// That this database was restored from a backup, and of when that is.
package struct RestoreMark: Sendable {
    /// The moment of the backup: what happened later is not in the ledger.
    package var backupAt: Timestamp

    package init(backupAt: Timestamp) {
        self.backupAt = backupAt
    }
}
