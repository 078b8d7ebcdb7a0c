/// Why a backup cannot be made, read or restored: what happened, and what to do.
struct BackupError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
