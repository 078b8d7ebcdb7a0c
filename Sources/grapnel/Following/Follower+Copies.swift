import Glibc
import GrapnelCore
import GrapnelFormat
import GrapnelQueue

extension Follower {
    func reasonForNewCopy(_ copy: FollowCopy) -> String? {
        guard let facts = copy.facts, isOver(settings.tryCopyEvery, since: triedCopyAt) else { return nil }
        if clock.now() - facts.createdAt >= settings.newCopyEvery {
            return "the last one is older than \(settings.newCopyEvery.text)"
        }
        let most = max(facts.bytes * settings.piecesOfCopy, settings.leastPieces.bytes)
        return copy.pieceBytes > most ? "the pieces of the last one have become large" : nil
    }

    func makeCopy(_ why: String) throws {
        if current == nil, let failed = failedCopy, !isOver(settings.retryCopyEvery, since: triedCopyAt) {
            throw failed
        }
        failedCopy = nil
        triedCopyAt = clock.now()
        try Follower.checkOwner(of: paths, environment)
        // Another state may have taken the place of the one that was followed.
        try folder.check(Follower.owner(paths, environment))
        if current == nil { position = try log.beginning() }
        let copy = try folder.makeCopy(at: clock.now(), from: position)
        next = copy
        defer { next = nil }
        do {
            report.copies(copy.name, why: why)
            try checkRoom()
            try fill(copy)
        } catch {
            FileSystem.remove(copy.path)
            if let error = error as? LogBreak {
                current = nil
                throw BackupError("\(error): the copy begins anew")
            }
            if !(error is Stopped) { failedCopy = error }
            throw error
        }
        (current, next) = (copy, nil)
        // At once: whatever goes wrong from here on, the room of the oldest one is free for it.
        folder.retire(keeping: settings.copies)
        try catchUp()
    }

    /// Refuses a copy for which there is no room, before it takes the room of the pieces.
    private func checkRoom() throws {
        guard let free = FileSystem.freeBytes(at: folder.path) else { return }
        let needed = FileSystem.size(of: database) + FileSystem.size(of: "\(database)-wal")
        guard free < needed else { return }
        throw BackupError(
            "there is no room for a new copy in \(folder.path): \(ByteCount.bytes(needed).rounded) are needed, "
                + "\(ByteCount.bytes(free).rounded) are free")
    }

    /// Copies the database, while the pieces go on, and says that the copy is whole.
    private func fill(_ copy: FollowCopy) throws {
        let (from, createdAt, began) = (position, clock.now(), ContinuousClock.now)
        let stamp = from == nil ? Follower.stamp(database) : nil
        let part = "\(copy.database).part"
        // What a log has that begins anew before the hub sees that somebody follows is read now, or never.
        try catchUp()
        let pageSize = from?.log.pageSize ?? 4096
        var caughtUpAt = began
        try DatabaseCopy.make(of: database, at: part) { done, total in
            if isStopped() { throw Stopped() }
            let elapsed = began.duration(to: .now)
            report.progress(done, total, elapsed)
            if from != nil, caughtUpAt.duration(to: .now) >= settings.every {
                try catchUp()
                caughtUpAt = .now
            }
            let wanted = Duration.seconds(Double(done * pageSize) / Double(settings.copyRate.bytes))
            let elapsedNow = began.duration(to: .now)
            if wanted > elapsedNow { usleep(UInt32((wanted - elapsedNow).milliseconds * 1000)) }
        }
        let size = try LocalFile(reading: part).status().size
        let digest = try FollowPiece.digest(of: part)
        try FileSystem.move(part, to: copy.database)
        // Whatever the copy has of the log already is in the pieces up to here.
        try catchUpWhole()
        guard from != nil || stamp == Follower.stamp(database) else {
            throw LogBreak("the database changed while it was copied")
        }
        let wholeAt = clock.now()
        let listing = try list(for: [copy])
        try copy.complete(
            FollowCopy.Facts(
                hubID: Follower.hubID(paths), version: Hub.version, createdAt: createdAt, bytes: size, digest: digest,
                from: from, stamp: stamp, pieces: copy.lastNumber, wholeAt: wholeAt, listing: listing))
        report.copied(copy.name, bytes: size, elapsed: began.duration(to: .now))
    }

    /// Tells a file that was written to from one that was not.
    static func stamp(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "none" }
        return "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) "
            + "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }
}
