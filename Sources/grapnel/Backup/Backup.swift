import GrapnelCore
import GrapnelCrypto
import GrapnelQueue

/// Makes a backup of a hub, running or not: one tar file with the database, the sealed secrets and the bundles, and at
/// its end a manifest with the SHA-256 of each.
///
/// The database is read by a connection that can only read, so a running hub goes on, and stays the only one that writes
/// and checkpoints. The key that seals the secrets is not in it.
struct Backup {
    static let database = "grapnel.db"
    static let secrets = "secrets.sealed"
    static let hubID = "hub.id"
    static let bundles = "bundles"

    let paths: HubPaths
    /// The database, where grapnel.yaml says that it is.
    let database: String
    let store: SecretStore
    let clock: any HubClock

    /// Writes the backup to `target`, which must not be there.
    ///
    /// - Parameter progress: Called with the pages of the database that were read, and all of them.
    func make(at target: String, progress: (_ done: Int, _ total: Int) -> Void) throws -> BackupManifest {
        guard !FileSystem.exists(target) else { throw BackupError("\(target) is there already: name another file") }
        let (part, copy) = ("\(target).part", "\(target).db.part")
        defer {
            FileSystem.remove(part)
            FileSystem.remove(copy)
        }
        // Taken before the copy begins: what happens from now on may be missing in it.
        let createdAt = clock.now()
        try DatabaseCopy.make(of: database, at: copy, progress: progress)
        let facts = try DatabaseInspection.facts(of: copy)
        let archive = try TarWriter(part, modified: createdAt.milliseconds / 1000)
        var files: [BackupManifest.File] = []
        // After the database: whatever version it names was kept before it was named.
        for (name, path) in [(Backup.database, copy)] + Backup.rest(of: paths) {
            let (size, digest) = try archive.add(name, from: path)
            files.append(BackupManifest.File(name: name, size: size, digest: Hex.encode(digest)))
        }
        let manifest = BackupManifest(
            hubID: try? FileSystem.readText(paths.hubID).filter { !$0.isWhitespace }, version: Hub.version,
            createdAt: createdAt, keyCheck: try store.keyCheck(), files: files, database: .init(facts))
        try archive.add(BackupManifest.name, JSONWriter.bytes(manifest.document, style: .indented))
        try archive.finish()
        try FileSystem.move(part, to: target)
        return manifest
    }

    /// What a restore needs beside the database.
    static func rest(of paths: HubPaths) -> [(name: String, path: String)] {
        let single = [(Backup.secrets, paths.sealedSecrets), (Backup.hubID, paths.hubID)]
        let bundles = FileSystem.files(below: paths.bundles)
            .filter { !$0.hasSuffix(".new") }
            .map { ("\(Backup.bundles)/\($0)", "\(paths.bundles)/\($0)") }
        return single.filter { FileSystem.exists($0.1) } + bundles
    }
}
