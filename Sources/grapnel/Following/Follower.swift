import Glibc
package import GrapnelCore
import GrapnelCrypto
import GrapnelFormat
import GrapnelQueue

/// Keeps a folder a copy of a hub that works: a whole copy of its database, and piece after piece what is committed.
///
/// It decides nothing that could be wrong: as soon as it is not certain that a piece comes right after the one before,
/// it begins with a new whole copy.
package final class Follower {
    /// Asked to end.
    private struct Stopped: Error {}

    private let paths: HubPaths
    private let database: String
    private let environment: [String: String]
    private let settings: FollowSettings
    private let clock: any HubClock
    private let report: FollowReport
    private let folder: FollowFolder
    private let folderLock: FileLock
    private let isStopped: () -> Bool
    private var log: FollowedLog
    /// The copy that pieces are added to.
    private var current: FollowCopy?
    /// The copy that is being made; it gets the same pieces.
    private var next: FollowCopy?
    /// Where in the log the pieces end; `nil` while the database has no log.
    private var position: LogPosition?
    private var listing: FollowListing?
    /// What the listed files looked like.
    private var listedStamps: [String] = []
    private var unlinkedSince: Timestamp?
    private var saidAt: Timestamp?
    /// What went wrong with the last copy.
    private var failedCopy: (any Error)?
    private var triedCopyAt: Timestamp?

    /// Takes the folder and the hub.
    ///
    /// - Throws: What no waiting makes good: no hub, another hub's folder, another one that follows.
    package init(
        paths: HubPaths, environment: [String: String], folder: String, settings: FollowSettings,
        clock: any HubClock, report: FollowReport, isStopped: @escaping () -> Bool
    ) throws {
        self.paths = paths
        self.environment = environment
        self.settings = settings
        self.clock = clock
        self.report = report
        self.isStopped = isStopped
        self.folder = FollowFolder(path: folder)
        database = paths.database(environment: environment)
        try Follower.checkOwner(of: paths, environment)
        try Follower.checkAccess(to: database)
        folderLock = try self.folder.take(for: Follower.owner(paths, environment))
        log = try FollowedLog(database: database, holder: "process \(getpid())")
        self.folder.retire(keeping: settings.copies)
        current = self.folder.copies.last.flatMap { try? FollowCopy(continuing: $0) }
        position = current?.position
    }

    /// Refuses a hub whose log somebody else moves.
    private static func checkOwner(of paths: HubPaths, _ environment: [String: String]) throws {
        guard let files = try? HubFiles(paths, environment: environment), files.configuration.externalCheckpoints
        else { return }
        throw BackupError(
            "grapnel.yaml says database_checkpoints: external: another program empties the log, so that nobody can "
                + "follow it. Use that program, or remove the key")
    }

    /// Refuses a database that is not there, or not for this user to read, and a folder of it in which nothing can be made
    /// by which the hub sees that somebody follows.
    private static func checkAccess(to database: String) throws {
        let advice = "follow the hub as its own user (User= in a unit), or as root"
        guard access(database, R_OK) == 0 else {
            guard errno == EACCES else {
                throw BackupError(
                    "there is no database at \(database): start the hub once, or name it by --dir or --state")
            }
            throw BackupError("\(database) is not for this user to read: \(advice)")
        }
        let folder = database.lastIndex(of: "/").map { String(database[..<$0]) } ?? "."
        guard access(folder, W_OK | X_OK) == 0 || errno != EACCES else {
            throw BackupError("\(folder) is not for this user to write: \(advice)")
        }
    }

    private static func owner(_ paths: HubPaths, _ environment: [String: String]) throws -> FollowFolder.Owner {
        FollowFolder.Owner(
            hubID: hubID(paths), keyCheck: try SecretStore(paths: paths, environment: environment).keyCheck())
    }

    private static func hubID(_ paths: HubPaths) -> String? {
        try? FileSystem.readText(paths.hubID).filter { !$0.isWhitespace }
    }

    /// Follows until it is asked to end.
    ///
    /// - Parameter pause: Waits so long, or until it is asked to end.
    package func run(pause: (Duration) -> Void) {
        report.begins(database, in: folder.path, every: settings.every, continuing: current?.name)
        while !isStopped() {
            look()
            if !isStopped() { pause(settings.every) }
        }
        finishUp()
    }

    /// Brings the folder up to date, or says what is in the way of that.
    package func look() {
        do {
            try step()
            report.goesOn()
        } catch is Stopped {
            return
        } catch {
            report.waits("\(error)")
        }
    }

    /// The last look, so that nothing is missing that was committed before the end was asked for.
    package func finishUp() {
        do {
            saidAt = nil
            let isComplete = try current != nil && catchUp()
            report.ends(isComplete ? current?.name : nil)
        } catch {
            report.waits("\(error)")
            report.ends(nil)
        }
    }

    /// Brings the folder up to date.
    private func step() throws {
        if !log.isInPlace {
            // The state was put aside, by a restore perhaps.
            try Follower.checkAccess(to: database)
            try folder.check(Follower.owner(paths, environment))
            log = try FollowedLog(database: database, holder: "process \(getpid())")
        }
        var why = folder.copies.isEmpty ? "there is none yet" : "the last one cannot be gone on with"
        do {
            if current != nil { try catchUp() }
        } catch let error as LogBreak {
            current = nil
            why = "\(error)"
        }
        if let current {
            guard let due = reasonForNewCopy(current) else { return }
            why = due
        }
        try makeCopy(why)
    }

    /// Whether so much time has gone by; also when the clock was put back.
    private func isOver(_ duration: Duration, since moment: Timestamp?) -> Bool {
        guard let moment else { return true }
        let now = clock.now()
        return now < moment || now - moment >= duration
    }

    // MARK: Copies

    private func reasonForNewCopy(_ copy: FollowCopy) -> String? {
        guard let facts = copy.facts, isOver(settings.tryCopyEvery, since: triedCopyAt) else { return nil }
        if clock.now() - facts.createdAt >= settings.newCopyEvery {
            return "the last one is older than \(settings.newCopyEvery.text)"
        }
        let most = max(facts.bytes * settings.piecesOfCopy, settings.leastPieces.bytes)
        return copy.pieceBytes > most ? "the pieces of the last one have become large" : nil
    }

    private func makeCopy(_ why: String) throws {
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
    private static func stamp(_ path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "none" }
        return "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) "
            + "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }

    // MARK: Pieces

    /// Adds what was committed since, and what changed beside the database.
    ///
    /// - Returns: `false` when the log began anew and the hub has not said yet how it goes on.
    @discardableResult
    private func catchUp() throws -> Bool {
        while let place = position {
            let at = clock.now()
            switch try log.advance(from: place) {
            case .stretch(let stretch):
                unlinkedSince = nil
                let header = FollowPiece.Header(
                    from: place, to: stretch.to, at: at, isComplete: stretch.isComplete, pageSize: stretch.pageSize,
                    pages: stretch.pages, databasePages: stretch.databasePages, listing: try changedListing())
                guard try add(header, stretch) else { continue }
                try log.discard(before: stretch.to)
            case .nothing:
                unlinkedSince = nil
                try finish(at)
                return true
            case .unlinked:
                if let since = unlinkedSince, clock.now() - since > settings.patience {
                    throw LogBreak("the log began anew, and nobody says that nothing is missing")
                }
                unlinkedSince = unlinkedSince ?? clock.now()
                return false
            }
        }
        let at = clock.now()
        guard try log.beginning() == nil, next != nil || current?.facts?.stamp == Follower.stamp(database) else {
            throw LogBreak("the database has changed since it was copied at rest")
        }
        try finish(at)
        return true
    }

    /// Adds what was committed since, all of it: waits for the hub to say how its log goes on, which it does at once or never.
    private func catchUpWhole() throws {
        let began = ContinuousClock.now
        while try !catchUp() {
            if isStopped() { throw Stopped() }
            guard began.duration(to: .now) < settings.patience else {
                throw LogBreak("the log began anew, and nobody says that nothing is missing")
            }
            usleep(10_000)
        }
    }

    /// Adds a piece to the copies that get it; `false` when the log began anew meanwhile.
    private func add(_ header: FollowPiece.Header, _ stretch: LogStretch?) throws -> Bool {
        guard let first = current ?? next else { return false }
        guard let piece = try first.add(header, stretch) else { return false }
        position = header.to
        if current != nil { try next?.add(piece, header) }
        // The first copy of all is worth nothing before it is whole.
        guard current != nil else { return true }
        report.piece(first, pages: header.pages, completeTo: header.isComplete ? header.at : nil)
        return true
    }

    /// Everything that was committed before `at` is there.
    private func finish(_ at: Timestamp) throws {
        if let listing = try changedListing() {
            _ = try add(FollowPiece.Header(from: position, to: position, at: at, listing: listing), nil)
        }
        guard let current, isOver(settings.sayEvery, since: saidAt) else { return }
        try folder.say(FollowFolder.Saying(copy: current.name, piece: current.lastNumber, at: at))
        saidAt = at
        report.complete(current, at)
    }

    // MARK: Beside the database

    /// What is beside the database, if it changed since it was listed last.
    private func changedListing() throws -> FollowListing? {
        let stamps = Backup.rest(of: paths).map { "\($0.name) \(Follower.stamp($0.path))" }
        guard stamps != listedStamps || listing == nil else { return nil }
        let new = try list(for: [current, next].compactMap { $0 })
        listedStamps = stamps
        guard new != listing else { return nil }
        listing = new
        return new
    }

    /// Keeps every file that is beside the database in these copies.
    private func list(for copies: [FollowCopy]) throws -> FollowListing {
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
