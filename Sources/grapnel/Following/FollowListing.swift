import GrapnelCore

/// What a hub has beside its database, at a moment: each file by its SHA-256, and which key it had.
struct FollowListing: Equatable {
    static let folder = "files"

    var files: [BackupManifest.File]
    /// As in `BackupManifest`.
    var keyCheck: String?

    init(files: [BackupManifest.File], keyCheck: String?) {
        self.files = files
        self.keyCheck = keyCheck
    }

    init?(_ document: JSON) {
        guard let files = document["files"]?.array else { return nil }
        self.files = files.compactMap { BackupManifest.File($0) }
        keyCheck = document["key_check"]?.string
    }

    var document: JSON {
        ["files": .array(files.map(\.document)), "key_check": keyCheck.map { .string($0) } ?? .null]
    }
}
