import GrapnelCore
import GrapnelCrypto
import GrapnelQueue

/// Reads a backup into a folder, and tells whether it is what its manifest says.
struct BackupReading {
    let path: String

    /// Writes every file of the backup into `folder`, checks each against the manifest, and the database as a whole.
    ///
    /// - Throws: `BackupError` that names the first thing that is not as it must be.
    func unpack(into folder: String) throws -> BackupManifest {
        let archive = try TarReader(path)
        var found: [BackupManifest.File] = []
        var manifest: BackupManifest?
        while let entry = try archive.next() {
            if entry.name == BackupManifest.name {
                manifest = try BackupManifest(try entry.bytes())
                continue
            }
            guard BackupReading.isSafe(entry.name) else {
                throw BackupError("\(path) holds the file \"\(entry.name)\", which no backup has")
            }
            let target = "\(folder)/\(entry.name)"
            if let slash = target.lastIndex(of: "/") {
                try FileSystem.makeDirectory(String(target[..<slash]), mode: 0o700)
            }
            let file = try LocalFile(writing: target, mode: entry.mode & 0o700)
            let digest = try entry.pass { try file.write($0) }
            try file.sync()
            found.append(BackupManifest.File(name: entry.name, size: entry.size, digest: Hex.encode(digest)))
        }
        guard let manifest else { throw BackupError("\(path) has no manifest: it is no backup, or not a whole one") }
        try check(found, against: manifest)
        try checkDatabase("\(folder)/\(Backup.database)", against: manifest)
        return manifest
    }

    /// Only names of a backup's own, so that none leads out of the folder.
    static func isSafe(_ name: String) -> Bool {
        if [Backup.database, Backup.secrets, Backup.hubID].contains(name) { return true }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0] == Backup.bundles && parts.allSatisfy { !["", ".", ".."].contains($0) }
            && !name.utf8.contains(0)
    }

    private func check(_ found: [BackupManifest.File], against manifest: BackupManifest) throws(BackupError) {
        for file in manifest.files {
            guard let copy = found.first(where: { $0.name == file.name }) else {
                throw BackupError("\(path) lacks \(file.name), which its manifest names")
            }
            guard copy == file else {
                throw BackupError(
                    "\(file.name) in \(path) is damaged: its SHA-256 is \(copy.digest), not \(file.digest)")
            }
        }
        guard found.count == manifest.files.count else {
            throw BackupError("\(path) holds files that its manifest does not name")
        }
    }

    private func checkDatabase(_ database: String, against manifest: BackupManifest) throws {
        let facts = try BackupReading.soundFacts(of: database, from: path, version: manifest.version)
        guard BackupManifest.Database(facts) == manifest.database else {
            throw BackupError("the database in \(path) does not hold what its manifest says")
        }
    }

    /// What a database holds that was taken out of a backup; throws when it is damaged, or newer than this program.
    static func soundFacts(of database: String, from backup: String, version: String) throws -> DatabaseFacts {
        let facts = try DatabaseInspection.facts(of: database)
        let damage = try DatabaseInspection.damage(of: database)
        guard damage.isEmpty else {
            throw BackupError("the database in \(backup) is damaged: \(damage.joined(separator: "; "))")
        }
        guard facts.unknownSchema.isEmpty else {
            throw BackupError(
                "the database in \(backup) was made by a newer version of Grapnel (\(version)): "
                    + "use that one; this version does not know \(facts.unknownSchema.joined(separator: ", "))")
        }
        return facts
    }
}
