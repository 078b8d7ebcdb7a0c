import Glibc
import GrapnelCore

/// What the hub keeps of the log for the one that follows it (`FollowedLog`), before SQLite overwrites it.
///
/// The log begins anew only after a checkpoint moved all of it, and only this thread checkpoints. So before each
/// checkpoint the frames that came since the last one are copied into `<database>.follow/`; and after the commit with which
/// the log began anew, a segment of the new log says that nothing came in between. When that cannot be done, or nobody has
/// followed for a while, the spool goes: the one that follows then finds that it cannot go on, and begins with a new copy.
/// A commit never fails because of it. Without that folder there is nothing of all this.
///
/// Nothing of it is synced. What a power cut leaves is believed as far as it proves itself: by the checksums of the frames,
/// which run through a whole log, and by the length of each log in the first segment of the next.
final class LogSpool {
    /// How long it is kept for one that follows no more. Default an hour.
    static let absence = Duration.seconds(3600)
    /// Bytes of a segment, after which another one begins. 16 MiB.
    private static let segmentBytes = 16 << 20
    /// What stays free on the volume beside it. 256 MiB.
    private static let spare = ByteCount.mebibytes(256)
    /// Bytes that are copied at a time.
    private static let piece = 1 << 20

    /// The segment that grows.
    private struct Growing {
        let descriptor: Int32
        let number: Int
        let log: LogHeader
        /// The last frame of the log that is kept.
        var lastFrame: Int
        var bytes: Int
    }

    private let folder: String
    private let log: String
    private let limit: ByteCount
    private let clock: any HubClock
    private var growing: Growing?
    private var lastSeen: Timestamp?
    /// Whether the log may begin anew with a commit, because all of it was moved.
    private var awaitsBeginning = false
    /// The frames of the log at the last commit.
    private var frames = 0
    /// The log, its length and its last frame when all of it was moved although nobody followed. Somebody may have come
    /// since, and read it before it begins anew.
    private var moved: (log: LogHeader, frames: Int, last: [UInt8])?
    /// Whether this process knows of files that must go before a checkpoint.
    private var hasFiles = false

    /// Takes up what an earlier hub has kept, if it still fits the log. Before the database is opened.
    init(database: String, limit: ByteCount, clock: any HubClock) {
        folder = FollowedLog.folder(of: database)
        log = "\(database)-wal"
        self.limit = limit
        self.clock = clock
        guard let paths = try? LogSegment.paths(in: folder) else {
            hasFiles = true
            return
        }
        guard let last = paths.last else { return }
        hasFiles = true
        lastSeen = clock.now()
        let header = try? LogFile(log)?.header()
        guard let header, let segment = try? LogSegment(last.path, number: last.number), segment.log == header else {
            // Somebody else has written, or the last hub ended right after the log began anew: who knows.
            _ = drop()
            return
        }
        // A new segment comes next, since this one may be cut off.
        growing = Growing(
            descriptor: -1, number: segment.number, log: header, lastFrame: segment.lastFrame, bytes: .max)
    }

    deinit {
        if let growing, growing.descriptor >= 0 { close(growing.descriptor) }
    }

    /// Removes what is kept.
    func end() { _ = drop() }

    /// Whether the log must stay as it is when the database is closed.
    func wantsLog() -> Bool {
        guard access(folder, F_OK) == 0 else { return false }
        return isFollowed() || !drop()
    }

    /// Keeps what the log has, before a checkpoint.
    ///
    /// - Parameter frames: The frames of the log up to its last commit.
    /// - Returns: `false` when the checkpoint must wait: only when the spool can neither be written nor removed.
    func keep(frames: Int) -> Bool {
        guard access(folder, F_OK) == 0 else {
            forget()
            noteMoved(frames)
            return true
        }
        guard isFollowed() else {
            let isGone = drop()
            noteMoved(frames)
            return isGone
        }
        do {
            try copy(upTo: frames)
            awaitsBeginning = true
            self.frames = frames
            return true
        } catch {
            return drop()
        }
    }

    /// Notes a commit, after which the log has so many frames: it may be the one with which the log began anew.
    func committed(frames: Int) {
        if let moved { return linkUnkept(moved, frames) }
        guard awaitsBeginning, let growing else { return }
        do {
            guard let header = try LogFile(log)?.header() else { return }
            if header == growing.log {
                self.frames = frames
                return
            }
            guard self.frames <= growing.lastFrame, growing.log.isFollowed(by: header) else {
                throw LogBreak("somebody else has moved the log")
            }
            try begin(header, firstFrame: 1, after: growing.lastFrame)
            awaitsBeginning = false
        } catch {
            _ = drop()
        }
    }

    private func noteMoved(_ frames: Int) {
        moved = nil
        guard let file = try? LogFile(log), let header = try? file.header(), frames > 0 else { return }
        let size = header.frameSize
        guard let last = try? file.read(at: LogHeader.size + (frames - 1) * size, count: size), last.count == size
        else { return }
        moved = (header, frames, last)
    }

    /// Says how a log goes on of which nothing was kept, if somebody follows now: who has read all of it lacks nothing.
    private func linkUnkept(_ old: (log: LogHeader, frames: Int, last: [UInt8]), _ frames: Int) {
        guard let header = try? LogFile(log)?.header() else { return }
        guard header != old.log else {
            // Nothing was committed, or it has to be moved once more before it begins anew.
            if frames != old.frames { moved = nil }
            return
        }
        moved = nil
        guard old.log.isFollowed(by: header), isFollowed() else { return }
        do {
            guard drop() else { return }
            try begin(old.log, firstFrame: old.frames)
            try append(old.last)
            try begin(header, firstFrame: 1, after: old.frames)
        } catch {
            _ = drop()
        }
    }

    private func isFollowed() -> Bool {
        if FileLock.isHeld(FollowedLog.lockFile(in: folder)) {
            lastSeen = clock.now()
            return true
        }
        return lastSeen.map { clock.now() - $0 <= LogSpool.absence } ?? false
    }

    private func copy(upTo frames: Int) throws {
        guard let file = try LogFile(log), let header = try file.header() else { return }
        if let growing {
            guard growing.log == header else { throw LogBreak("somebody else has moved the log") }
        } else {
            // Whatever lies there is of a time of which this process knows nothing.
            guard drop() else { throw LogBreak("the spool cannot be removed") }
            try begin(header, firstFrame: 1)
        }
        guard var place = growing?.lastFrame, frames > place else { return }
        if growing?.bytes ?? .max >= LogSpool.segmentBytes { try begin(header, firstFrame: place + 1) }
        let bytes = (frames - place) * header.frameSize
        try checkRoom(for: bytes)
        let most = max(LogSpool.piece / header.frameSize, 1)
        while place < frames {
            let count = min(most, frames - place)
            let piece = try file.read(at: LogHeader.size + place * header.frameSize, count: count * header.frameSize)
            guard piece.count == count * header.frameSize else {
                throw LogBreak("the log is shorter than it should be")
            }
            try append(piece)
            place += count
            growing?.lastFrame = place
        }
    }

    /// Begins a segment.
    ///
    /// - Parameter framesBefore: How long the log was that was there before this one, if this one begins.
    private func begin(_ log: LogHeader, firstFrame: Int, after framesBefore: Int = 0) throws {
        let (number, wasAwaiting) = ((growing?.number ?? 0) + 1, awaitsBeginning)
        forget()
        awaitsBeginning = wasAwaiting
        let path = LogSegment.path(number, in: folder)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LogFile.failure("make", path) }
        hasFiles = true
        growing = Growing(descriptor: descriptor, number: number, log: log, lastFrame: firstFrame - 1, bytes: 0)
        try append(LogSegment.header(log, firstFrame: firstFrame, framesBefore: framesBefore))
    }

    private func append(_ bytes: [UInt8]) throws {
        guard let growing else { return }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(growing.descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw LogFile.failure("write", folder) }
            rest = rest.dropFirst(count)
        }
        self.growing?.bytes += bytes.count
    }

    private func checkRoom(for bytes: Int) throws {
        let kept = try LogSegment.paths(in: folder).reduce(0) { $0 + (SyncedFile.size(of: $1.path) ?? 0) }
        guard kept + bytes <= limit.bytes else { throw LogBreak("the spool is full") }
        if let free = SyncedFile.freeBytes(beside: "\(folder)/"), free - bytes < LogSpool.spare.bytes {
            throw LogBreak("the volume has little room")
        }
    }

    /// Removes everything; `false` when that is impossible.
    private func drop() -> Bool {
        forget()
        guard hasFiles || access(folder, R_OK | X_OK) == 0 else { return true }
        for (path, _) in ((try? LogSegment.paths(in: folder)) ?? []).reversed() { SyncedFile.remove(path) }
        // What cannot be looked into may still be full.
        hasFiles = (try? LogSegment.paths(in: folder).isEmpty) != true
        return !hasFiles
    }

    private func forget() {
        if let growing, growing.descriptor >= 0 { close(growing.descriptor) }
        growing = nil
        moved = nil
        awaitsBeginning = false
    }
}
