import Glibc

/// The log of a database as somebody else than its hub follows it: from one position to the next, over any number of new
/// beginnings, without a gap or not at all.
///
/// It only reads: the log itself, while it is the one that is followed, and what the hub kept of it in `<database>.follow/`
/// before it began anew. That folder says to the hub, by a lock in it, that somebody follows.
package final class FollowedLog {
    private let folder: String
    private let log: String
    private let lock: FileLock

    static func folder(of database: String) -> String { "\(database).follow" }
    static func lockFile(in folder: String) -> String { "\(folder)/lock" }

    /// - Throws: `QueueError`: `locked` when somebody else follows, `storage` when the folder cannot be made.
    package init(database: String, holder: String) throws(QueueError) {
        folder = FollowedLog.folder(of: database)
        log = "\(database)-wal"
        try FollowedLog.makeFolder(folder, like: database)
        lock = try FollowedLog.lock(FollowedLog.lockFile(in: folder), holder)
    }

    private static func lock(_ path: String, _ holder: String) throws(QueueError) -> FileLock {
        var tries = 10
        while true {
            do throws(QueueError) {
                return try FileLock(path: path, holder: holder) { other, path in
                    "\(path) is locked: another grapnel backup --follow\(other.isEmpty ? "" : " (\(other))") "
                        + "follows this hub, and only one can"
                }
            } catch {
                // The hub looks whether the lock is held by taking it for a moment.
                tries -= 1
                guard error.code == .locked, tries > 0 else { throw error }
                usleep(10_000)
            }
        }
    }

    /// Makes the folder so that the user of the hub can write in it.
    private static func makeFolder(_ folder: String, like database: String) throws(QueueError) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw LogFile.failure("make", folder) }
        var status = stat()
        guard geteuid() == 0, stat(database, &status) == 0 else { return }
        let lock = open(lockFile(in: folder), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if lock >= 0 {
            fchown(lock, status.st_uid, status.st_gid)
            close(lock)
        }
        chown(folder, status.st_uid, status.st_gid)
    }

    /// Whether the hub still sees that somebody follows: not when its state was put aside, or the folder was removed.
    package var isInPlace: Bool { lock.isAt(FollowedLog.lockFile(in: folder)) }

    /// The beginning of the log that there is now; `nil` when there is none, or an empty one.
    package func beginning() throws -> LogPosition? {
        try LogFile(log)?.header().map { LogPosition(beginning: $0) }
    }

    /// What was committed after `position`.
    ///
    /// - Throws: `LogBreak` when that is not known for certain.
    package func advance(
        from position: LogPosition, mostFrames: Int = LogStretch.mostFrames
    ) throws -> LogAdvance {
        var place = position
        while true {
            let file = try LogFile(log)
            let header = try file?.header()
            if let file, header == place.log {
                guard try holds(file, place) else {
                    if try file.header() != place.log { continue }
                    throw LogBreak("the log is not the one that was followed")
                }
                let run = FrameRun(file: file, offset: LogHeader.size, firstFrame: 1, count: nil)
                let stretch = try LogStretch(
                    after: place, from: position, in: [run], live: file, mostFrames: mostFrames)
                return stretch.map { .stretch($0) } ?? .nothing
            }
            // It began anew. Before that the hub has put all of it into the spool, and right after it, that it did.
            let segments = try segments()
            let own = segments.filter { $0.log == place.log }
            if let stretch = try kept(after: place, from: position, in: own, mostFrames: mostFrames) {
                return .stretch(stretch)
            }
            let next = own.last.flatMap { last in segments.first { $0.number > last.number } }
            guard let next else {
                // Nobody but SQLite's last connection removes it, and a hub that is followed keeps it.
                guard file != nil else { throw LogBreak("the log is gone: somebody else had the database open") }
                return header == nil ? .nothing : .unlinked
            }
            guard place.log.isFollowed(by: next.log), next.firstFrame == 1 else {
                throw LogBreak("the log began anew more than once unseen")
            }
            guard next.framesBefore == own.last?.lastFrame else {
                throw LogBreak("the spool of the hub has lost the end of the log before")
            }
            place = LogPosition(beginning: next.log)
        }
    }

    /// Lets go what of the spool comes before `position`: when that is kept for good.
    package func discard(before position: LogPosition) throws {
        let segments = try segments()
        guard let last = segments.last(where: { $0.log == position.log }) else { return }
        for segment in segments where segment.number < last.number { SyncedFile.remove(segment.path) }
    }

    /// Whether the frame before `place` is the one that was there when it was read.
    private func holds(_ file: LogFile, _ place: LogPosition) throws -> Bool {
        guard place.frame > 0 else { return true }
        return try FollowedLog.isEnd(
            of: place, in: file, at: LogHeader.size + (place.frame - 1) * place.log.frameSize)
    }

    /// Whether the frame that begins at `offset` is the last one before `place`.
    private static func isEnd(of place: LogPosition, in file: LogFile, at offset: Int) throws -> Bool {
        let bytes = try file.read(at: offset, count: LogHeader.frameHeaderSize)
        guard bytes.count == LogHeader.frameHeaderSize else { return false }
        let checksum = LogChecksum(first: LogHeader.word(bytes, at: 16), second: LogHeader.word(bytes, at: 20))
        return bytes[8..<16] == place.log.salts && checksum == place.checksum
    }

    /// What the spool has of a log that is over, after `place`.
    private func kept(
        after place: LogPosition, from: LogPosition, in segments: [LogSegment], mostFrames: Int
    ) throws -> LogStretch? {
        guard let last = segments.last else {
            throw LogBreak("the log began anew, and the hub has kept nothing of it")
        }
        guard !last.isCutOff, last.lastFrame >= place.frame else {
            throw LogBreak("the log began anew, and the hub has not kept all of it")
        }
        // A power cut may have taken the end of the log along after it was read here: then other commits are in its place.
        guard try holds(segments, place) else {
            throw LogBreak("the spool of the hub is not of the log that was followed")
        }
        var runs: [FrameRun] = []
        var next = place.frame + 1
        for segment in segments where segment.lastFrame >= next {
            guard segment.firstFrame <= next, let file = try LogFile(segment.path) else {
                throw LogBreak("the spool of the hub lacks frame \(next)")
            }
            runs.append(
                FrameRun(
                    file: file, offset: LogSegment.headerSize, firstFrame: segment.firstFrame, count: segment.frames))
            next = segment.lastFrame + 1
        }
        return try LogStretch(after: place, from: from, in: runs, live: nil, mostFrames: mostFrames)
    }

    /// Whether the frame before `place` is the one that was there when it was read. Where the spool has that one no more,
    /// the frame after it tells, whose checksum covers it.
    private func holds(_ segments: [LogSegment], _ place: LogPosition) throws -> Bool {
        guard place.frame > 0 else { return true }
        guard let segment = segments.first(where: { $0.firstFrame <= place.frame && place.frame <= $0.lastFrame })
        else { return segments.contains { $0.lastFrame > place.frame } }
        guard let file = try LogFile(segment.path) else { return false }
        let offset = LogSegment.headerSize + (place.frame - segment.firstFrame) * place.log.frameSize
        return try FollowedLog.isEnd(of: place, in: file, at: offset)
    }

    private func segments() throws(QueueError) -> [LogSegment] {
        var segments: [LogSegment] = []
        for (path, number) in try LogSegment.paths(in: folder) {
            if let segment = try LogSegment(path, number: number) { segments.append(segment) }
        }
        return segments
    }
}
