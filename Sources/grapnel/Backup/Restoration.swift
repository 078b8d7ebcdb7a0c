import Glibc
package import GrapnelCore
import GrapnelQueue
import Logging

/// Puts a backup in the place of a hub's state, and begins a restore epoch.
package struct Restoration {
    /// What became of it.
    struct Report {
        let manifest: BackupManifest
        /// What is not in it, although it was there once.
        let notes: [String]
        let restored: RestoreReport
        /// Where the state that was there before is now.
        let keptAside: [String]
    }

    let paths: HubPaths
    /// Where the database belongs.
    let database: String
    let environment: [String: String]
    let clock: any HubClock

    /// Restores `backup`.
    ///
    /// - Parameters:
    ///   - isForced: Whether a state that is there is kept aside; without it such a restore is refused.
    ///   - withoutKey: Whether to go on without the key that the backup was made with.
    ///   - limit: The moment after which nothing of a followed hub is taken.
    func restore(
        _ backup: String, isForced: Bool, withoutKey: Bool, upTo limit: Timestamp? = nil
    ) async throws -> Report {
        let isThere = !FileSystem.names(in: paths.state).isEmpty || FileSystem.exists(database)
        guard !isThere || isForced else {
            throw BackupError(
                "there is a state in \(paths.state) already: name another one by --state, or keep it aside by --force")
        }
        // Held until the end, so that no hub starts on what is being replaced.
        let lock = try (isThere ? FileLock(path: "\(database).lock", holder: "grapnel restore") : nil)
        defer { withExtendedLifetime(lock) {} }
        let staging = "\(paths.state).restoring"
        FileSystem.remove(staging)
        try FileSystem.makeDirectory(staging, mode: 0o700)
        defer { FileSystem.remove(staging) }
        let (manifest, notes) = try Restoration.unpack(backup, into: staging, upTo: limit)
        if !withoutKey { try checkKey(manifest, staging: staging) }
        let restored = try await mark("\(staging)/\(Backup.database)", manifest)
        return Report(manifest: manifest, notes: notes, restored: restored, keptAside: try exchange(staging))
    }

    /// Checks a backup, a file or the folder of a hub that is followed, and writes what it holds into `folder`.
    package static func unpack(
        _ backup: String, into folder: String, upTo limit: Timestamp? = nil
    ) throws -> (manifest: BackupManifest, notes: [String]) {
        if FileSystem.isDirectory(backup) {
            return try FollowReading(path: backup).unpack(into: folder, upTo: limit)
        }
        guard limit == nil else {
            throw BackupError("\(backup) is of one moment: a moment can be chosen in the folder of --follow only")
        }
        return (try BackupReading(path: backup).unpack(into: folder), [])
    }

    /// Refuses a restore whose idempotency keys would be others than those that vendors know.
    private func checkKey(_ manifest: BackupManifest, staging: String) throws {
        guard let expected = manifest.keyCheck else { return }
        let store = SecretStore(
            paths: HubPaths(directory: paths.directory, state: staging, environment: environment),
            environment: environment)
        let found = try store.keyCheck()
        guard found != expected else { return }
        throw BackupError(
            "\(found == nil ? "there is no key" : "another key is") at \(try store.keyLocation()): the backup was made "
                + "with the key of hub \(manifest.hubID ?? "unknown"). Put that key there (or name it by "
                + "GRAPNEL_KEY_FILE) and restore again. By --without-key the hub starts with a new one: the sealed "
                + "secrets are lost then, and vendors take what is sent again for something new")
    }

    /// Brings the copy to the newest schema and makes unknown what nobody knows.
    private func mark(_ copy: String, _ manifest: BackupManifest) async throws -> RestoreReport {
        let random = SystemRandomSource()
        let queue = try await SQLiteQueue.open(
            path: copy, clock: clock, ids: IdentifierGenerator(clock: clock, random: random), node: "restore",
            logger: Logger(label: "grapnel.restore") { _ in SwiftLogNoOpLogHandler() })
        do {
            let report = try await queue.restored(RestoreMark(backupAt: manifest.createdAt))
            await queue.close()
            return report
        } catch {
            await queue.close()
            throw error
        }
    }

    /// Puts what was made ready in its place; returns where what was there is now.
    private func exchange(_ staging: String) throws -> [String] {
        let suffix = ".before-restore-\(clock.now().compact)"
        var aside: [String] = []
        func keepAside(_ path: String) throws {
            guard FileSystem.exists(path) else { return }
            try FileSystem.move(path, to: path + suffix)
            aside.append(path + suffix)
        }
        let isApart = database != paths.database
        if isApart {
            for file in [database, "\(database)-wal", "\(database)-shm", "\(database).follow"] { try keepAside(file) }
        }
        try keepAside(paths.state)
        if isApart { try FileSystem.move("\(staging)/\(Backup.database)", to: database) }
        FileSystem.remove("\(staging)/\(Backup.database).lock")
        try FileSystem.move(staging, to: paths.state)
        return aside
    }
}
