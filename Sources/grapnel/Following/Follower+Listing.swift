import GrapnelCrypto
import GrapnelFormat
import GrapnelQueue

// What stands beside the database.
extension Follower {
    /// What is beside the database, if it changed since it was listed last.
    func changedListing() throws -> FollowListing? {
        let stamps = Backup.rest(of: paths).map { "\($0.name) \(Follower.stamp($0.path))" }
        guard stamps != listedStamps || listing == nil else { return nil }
        let new = try list(for: [current, next].compactMap { $0 })
        listedStamps = stamps
        guard new != listing else { return nil }
        listing = new
        return new
    }

    /// Keeps every file that is beside the database in these copies.
    func list(for copies: [FollowCopy]) throws -> FollowListing {
        var files: [BackupManifest.File] = []
        for (name, path) in Backup.rest(of: paths) {
            let bytes = try FileSystem.read(path)
            let digest = Hex.encode(Digest.hash(bytes, .sha256))
            for copy in copies { try copy.keep(bytes, digest: digest) }
            files.append(BackupManifest.File(name: name, size: bytes.count, digest: digest))
        }
        return FollowListing(
            files: files, keyCheck: try SecretStore(paths: paths, environment: environment).keyCheck())
    }
}
