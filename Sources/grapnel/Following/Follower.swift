import Glibc
package import GrapnelCore
import GrapnelFormat
import GrapnelQueue

/// Keeps a folder a copy of a hub that works: a whole copy of its database, and piece after piece what is committed.
///
/// It decides nothing that could be wrong: as soon as it is not certain that a piece comes right after the one before,
/// it begins with a new whole copy.
package final class Follower {
    /// Asked to end.
    struct Stopped: Error {}

    let paths: HubPaths
    let database: String
    let environment: [String: String]
    let settings: FollowSettings
    let clock: any HubClock
    let report: FollowReport
    let folder: FollowFolder
    private let folderLock: FileLock
    let isStopped: () -> Bool
    var log: FollowedLog
    /// The copy that pieces are added to.
    var current: FollowCopy?
    /// The copy that is being made; it gets the same pieces.
    var next: FollowCopy?
    /// Where in the log the pieces end; `nil` while the database has no log.
    var position: LogPosition?
    var listing: FollowListing?
    /// What the listed files looked like.
    var listedStamps: [String] = []
    var unlinkedSince: Timestamp?
    var saidAt: Timestamp?
    /// What went wrong with the last copy.
    var failedCopy: (any Error)?
    var triedCopyAt: Timestamp?

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
    static func checkOwner(of paths: HubPaths, _ environment: [String: String]) throws {
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

    static func owner(_ paths: HubPaths, _ environment: [String: String]) throws -> FollowFolder.Owner {
        FollowFolder.Owner(
            hubID: hubID(paths), keyCheck: try SecretStore(paths: paths, environment: environment).keyCheck())
    }

    static func hubID(_ paths: HubPaths) -> String? {
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
    func isOver(_ duration: Duration, since moment: Timestamp?) -> Bool {
        guard let moment else { return true }
        let now = clock.now()
        return now < moment || now - moment >= duration
    }
}
