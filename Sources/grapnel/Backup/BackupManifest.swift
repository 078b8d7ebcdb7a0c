package import GrapnelCore
import GrapnelQueue

/// What a backup says of itself: `manifest.json`, the last file of the archive.
package struct BackupManifest {
    static let name = "manifest.json"
    static let format = "grapnel backup 1"

    struct File: Equatable {
        let name: String
        let size: Int
        /// SHA-256 in hex.
        let digest: String

        init(name: String, size: Int, digest: String) {
            self.name = name
            self.size = size
            self.digest = digest
        }

        init?(_ document: JSON) {
            guard let name = document["name"]?.string, let size = document["bytes"]?.integer,
                let digest = document["sha256"]?.string
            else { return nil }
            self.init(name: name, size: Int(size), digest: digest)
        }

        var document: JSON {
            ["name": .string(name), "bytes": .integer(Int64(size)), "sha256": .string(digest)]
        }
    }

    var hubID: String?
    /// The version of the program that made it.
    var version: String
    /// When the copy of the database began: what happened later may be missing.
    package var createdAt: Timestamp
    /// Tells the key that the backup needs from others, and nothing of it; `nil` when the hub had none yet.
    var keyCheck: String?
    var files: [File]
    package var database: Database

    /// What the copy of the database holds.
    package struct Database: Equatable {
        var schema: [String]
        package var events: Int
        var runs: Int
        var effects: Int
        var lastEvent: String?
        var lastEventAt: String?
        var restoreEpoch: Int

        init(_ facts: DatabaseFacts) {
            schema = facts.schema
            events = facts.events
            runs = facts.runs
            effects = facts.effects
            lastEvent = facts.lastEvent?.description
            lastEventAt = facts.lastEventAt?.description
            restoreEpoch = Int(facts.restoreEpoch)
        }

        fileprivate init?(_ document: JSON?) {
            guard let document, let schema = document["schema"]?.array?.compactMap(\.string),
                let events = document["events"]?.integer, let runs = document["runs"]?.integer,
                let effects = document["effects"]?.integer, let epoch = document["restore_epoch"]?.integer
            else { return nil }
            self.schema = schema
            self.events = Int(events)
            self.runs = Int(runs)
            self.effects = Int(effects)
            lastEvent = document["last_event"]?.string
            lastEventAt = document["last_event_at"]?.string
            restoreEpoch = Int(epoch)
        }

        fileprivate var document: JSON {
            [
                "schema": .array(schema.map { .string($0) }), "events": .integer(Int64(events)),
                "runs": .integer(Int64(runs)), "effects": .integer(Int64(effects)),
                "last_event": lastEvent.map { .string($0) } ?? .null,
                "last_event_at": lastEventAt.map { .string($0) } ?? .null,
                "restore_epoch": .integer(Int64(restoreEpoch)),
            ]
        }
    }

    init(
        hubID: String?, version: String, createdAt: Timestamp, keyCheck: String?, files: [File], database: Database
    ) {
        self.hubID = hubID
        self.version = version
        self.createdAt = createdAt
        self.keyCheck = keyCheck
        self.files = files
        self.database = database
    }

    init(_ bytes: [UInt8]) throws(BackupError) {
        guard let document = try? JSONParser.parse(bytes), let format = document["format"]?.string else {
            throw BackupError("the manifest of the backup is damaged")
        }
        guard format == BackupManifest.format else {
            throw BackupError("the backup has the format \"\(format)\", which this version of Grapnel does not know")
        }
        guard let version = document["version"]?.string,
            let createdAt = document["created_at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let files = document["files"]?.array, let database = Database(document["database"])
        else { throw BackupError("the manifest of the backup is damaged") }
        self.version = version
        self.createdAt = createdAt
        self.database = database
        hubID = document["hub_id"]?.string
        keyCheck = document["key_check"]?.string
        self.files = files.compactMap { File($0) }
    }

    var document: JSON {
        [
            "format": .string(BackupManifest.format), "version": .string(version),
            "hub_id": hubID.map { .string($0) } ?? .null, "created_at": .string(createdAt.description),
            "key_check": keyCheck.map { .string($0) } ?? .null, "database": database.document,
            "files": .array(files.map(\.document)),
        ]
    }
}
