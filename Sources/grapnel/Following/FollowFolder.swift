import Glibc
import GrapnelCore
import GrapnelQueue

/// The folder that is kept a copy of a hub: whole copies, each with its pieces, and up to when they are complete.
struct FollowFolder {
    static let format = "grapnel follow 1"
    static let identity = "follow.json"
    static let saying = "now.json"

    /// Up to when a copy is complete.
    struct Saying {
        var copy: String
        var piece: Int
        var at: Timestamp
    }

    let path: String

    /// Whose hub the folder is a copy of.
    struct Owner: Equatable {
        var hubID: String?
        var keyCheck: String?

        /// Whether both are of the same hub, as far as one can see.
        func isSame(as other: Owner) -> Bool {
            if let hubID, let otherID = other.hubID { return hubID == otherID }
            if let keyCheck, let otherCheck = other.keyCheck { return keyCheck == otherCheck }
            return true
        }
    }

    /// Makes the folder ready for a hub.
    ///
    /// - Returns: Its lock.
    /// - Throws: When it is another hub's, or holds something else.
    func take(for owner: Owner) throws -> FileLock {
        try FileSystem.makeDirectory(path, mode: 0o700)
        let identity = "\(path)/\(FollowFolder.identity)"
        let isEmpty = FileSystem.names(in: path).allSatisfy { $0.hasPrefix("lock") || $0.hasPrefix("follow.json") }
        guard isEmpty || FileSystem.exists(identity) else {
            throw BackupError("\(path) is not empty, and not a folder of grapnel backup --follow: name another one")
        }
        let lock = try FileLock(path: "\(path)/lock", holder: "process \(getpid())") { other, path in
            "\(path) is locked: another grapnel backup --follow\(other.isEmpty ? "" : " (\(other))") writes into this "
                + "folder"
        }
        let said = try FollowFolder.owner(in: path)
        try check(owner)
        let known = Owner(hubID: said?.hubID ?? owner.hubID, keyCheck: owner.keyCheck ?? said?.keyCheck)
        // A disk that is full is no reason not to go on.
        if known == said { return lock }
        let document: JSON = [
            "format": .string(FollowFolder.format), "hub_id": known.hubID.map { .string($0) } ?? .null,
            "key_check": known.keyCheck.map { .string($0) } ?? .null,
        ]
        try FileSystem.write(JSONWriter.bytes(document, style: .indented), to: identity, mode: 0o600)
        return lock
    }

    /// - Throws: When the folder is a copy of another hub.
    func check(_ owner: Owner) throws {
        guard let known = try FollowFolder.owner(in: path), !known.isSame(as: owner) else { return }
        throw BackupError(
            "\(path) is a copy of another hub (\(known.hubID ?? "with another key")): name another folder")
    }

    private static func owner(in path: String) throws -> Owner? {
        let file = "\(path)/\(identity)"
        guard FileSystem.exists(file) else { return nil }
        guard let document = try? JSONParser.parse(try FileSystem.read(file)), document["format"]?.string == format
        else { throw BackupError("\(file) is damaged, or of a newer version of Grapnel") }
        return Owner(hubID: document["hub_id"]?.string, keyCheck: document["key_check"]?.string)
    }

    /// The paths of the copies, whole or not, oldest first.
    var copies: [String] {
        FileSystem.names(in: path).filter { $0.hasPrefix(FollowCopy.prefix) }.map { "\(path)/\($0)" }
    }

    /// Begins a copy, which gets a name after all others, whatever the clock does.
    func makeCopy(at time: Timestamp, from position: LogPosition?) throws -> FollowCopy {
        let newest = copies.last ?? ""
        let name = max("\(path)/\(FollowCopy.prefix)\(time.compact)", String(newest.prefix { $0 != "+" }))
        let numbered = (1...99).map { "\(name)+\($0 < 10 ? "0" : "")\($0)" }
        guard let free = ([name] + numbered).first(where: { $0 > newest }) else {
            throw BackupError("\(path) has too many copies of one second")
        }
        return try FollowCopy(making: free, from: position)
    }

    /// Removes copies that were never finished, and the oldest whole ones but for `count`.
    func retire(keeping count: Int) {
        let whole = copies.filter { FileSystem.exists("\($0)/\(FollowCopy.manifest)") }
        for path in copies where !whole.contains(path) { FileSystem.remove(path) }
        for path in whole.dropLast(count) {
            // What remains of it after a crash is not whole.
            FileSystem.remove("\(path)/\(FollowCopy.manifest)")
            FileSystem.remove(path)
        }
    }

    func say(_ saying: Saying) throws {
        let document: JSON = [
            "copy": .string(saying.copy), "piece": .integer(Int64(saying.piece)), "at": .string(saying.at.description),
        ]
        try FileSystem.write(
            JSONWriter.bytes(document, style: .indented), to: "\(path)/\(FollowFolder.saying)", mode: 0o600)
    }

    var said: Saying? {
        guard let document = try? JSONParser.parse(try FileSystem.read("\(path)/\(FollowFolder.saying)")),
            let copy = document["copy"]?.string, let piece = document["piece"]?.integer,
            let at = document["at"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        return Saying(copy: copy, piece: Int(piece), at: at)
    }
}
