import GrapnelCore
import GrapnelCrypto
import GrapnelQueue

/// Reads the folder of a hub that is followed: the newest copy that is whole, and its pieces up to the last one that is
/// sound.
struct FollowReading {
    let path: String

    /// What was read of a copy.
    private struct Found {
        var at: Timestamp
        var lastNumber: Int
        var listing: FollowListing
        var notes: [String]
    }

    /// Writes the hub as the folder has it into `target`, and checks all of it.
    ///
    /// - Parameter limit: The moment after which nothing is taken; `nil`: everything.
    /// - Returns: What it holds, and what it does not although it was there once.
    /// - Throws: `BackupError` when no copy can be restored.
    func unpack(
        into target: String, upTo limit: Timestamp? = nil
    ) throws -> (manifest: BackupManifest, notes: [String]) {
        let folder = FollowFolder(path: path)
        guard FileSystem.exists("\(path)/\(FollowFolder.identity)") else {
            throw BackupError("\(path) is a folder, but not one of grapnel backup --follow")
        }
        // Read first: what is added meanwhile is not missed then.
        let said = limit == nil ? folder.said : nil
        var notes: [String] = []
        for copy in folder.copies.reversed() {
            let name = String(copy.split(separator: "/").last ?? "")
            do {
                guard let facts = try FollowCopy.facts(in: copy) else { continue }
                guard limit.map({ facts.wholeAt <= $0 }) ?? true else { continue }
                for old in FileSystem.names(in: target) { FileSystem.remove("\(target)/\(old)") }
                var found = try lay(copy, facts, into: target, upTo: limit)
                if let said, said.copy == name { FollowReading.compare(&found, with: said) }
                let manifest = try finish(found, facts, copy, into: target)
                return (manifest, notes + found.notes)
            } catch let error as BackupError {
                notes.append("\(name) cannot be restored, an older copy is taken: \(error)")
            } catch let error as QueueError {
                notes.append("\(name) cannot be restored, an older copy is taken: \(error)")
            } catch let error as FileSystemError where error.path.hasPrefix("\(copy)/") {
                // The disk of the folder; when the target cannot be written, no other copy can be either.
                notes.append("\(name) cannot be restored, an older copy is taken: \(error)")
            }
        }
        let when = limit.map { " that was whole at \($0)" } ?? ""
        throw BackupError((["\(path) has no copy\(when) that can be restored"] + notes).joined(separator: "; "))
    }

    /// Puts beside what was read of a copy what the folder says of it: up to when it is complete, and with which piece.
    private static func compare(_ found: inout Found, with said: FollowFolder.Saying) {
        if said.piece == found.lastNumber { found.at = max(found.at, said.at) }
        guard said.piece > found.lastNumber, found.notes.isEmpty else { return }
        found.notes.append(
            "piece \(found.lastNumber + 1) is missing, and all up to \(said.piece), with which the copy was complete to "
                + "\(said.at): nothing after \(found.at) is there")
    }

    /// Copies the database and lays the pieces over it.
    private func lay(
        _ copy: String, _ facts: FollowCopy.Facts, into target: String, upTo limit: Timestamp?
    ) throws -> Found {
        let database = "\(target)/\(Backup.database)"
        guard FileSystem.exists("\(copy)/\(Backup.database)") else { throw BackupError("it has no database") }
        let size = try LocalFile(reading: "\(copy)/\(Backup.database)").copy(to: database)
        guard try size == facts.bytes && FollowPiece.digest(of: database) == facts.digest else {
            throw BackupError(
                "\(Backup.database) is damaged: its SHA-256 is not the one that \(FollowCopy.manifest) says")
        }
        let file = try LocalFile(changing: database)
        var found = Found(at: facts.wholeAt, lastNumber: 0, listing: facts.listing, notes: [])
        var (place, bytes) = (facts.from, 0)
        let pieces = FollowCopy.pieces(in: copy)
        for piece in pieces {
            let problem = try problem(of: piece, after: found.lastNumber, place)
            if problem == nil, let limit, piece.number > facts.pieces, try piece.header().at > limit { break }
            if let problem {
                let rest = pieces.count { $0.number >= piece.number }
                found.notes.append(try lost(problem, piece, rest, pieces, after: found.lastNumber, since: found.at))
                break
            }
            let header = try piece.header()
            try piece.lay(over: file)
            if header.databasePages > 0 { bytes = header.databasePages * header.pageSize }
            place = header.to
            found.lastNumber = piece.number
            if piece.number > facts.pieces {
                if header.isComplete { found.at = header.at }
                found.listing = header.listing ?? found.listing
            }
        }
        guard found.lastNumber >= facts.pieces else {
            throw BackupError(
                (["it needs \(facts.pieces) pieces and has \(found.lastNumber)"] + found.notes)
                    .joined(separator: "; "))
        }
        if bytes > 0 { try file.resize(to: bytes) }
        try file.sync()
        return found
    }

    /// Why a piece cannot be taken.
    private func problem(of piece: FollowPiece, after number: Int, _ place: LogPosition?) throws -> String? {
        guard piece.number == number + 1 else { return "piece \(number + 1) is missing" }
        do {
            guard try piece.isSound() else { return "piece \(piece.number) is damaged" }
        } catch let error as FileSystemError {
            return "piece \(piece.number) is damaged (\(error))"
        }
        return try piece.header().from == place ? nil : "piece \(piece.number) does not come after the one before it"
    }

    /// What is said of pieces that are left out.
    private func lost(
        _ problem: String, _ piece: FollowPiece, _ count: Int, _ pieces: [FollowPiece], after taken: Int,
        since: Timestamp
    ) throws -> String {
        if piece.number == pieces.last?.number, count == piece.number - taken {
            return "\(problem), the last one: it is left out, and nothing after \(since) is there"
        }
        let last = pieces.last { (try? $0.isSound()) ?? false }
        let until = try last.map { try $0.header().at.description } ?? "a moment that nobody knows"
        return
            "\(problem): it and what came after it are left out; lost is what was committed from \(since) to \(until), "
            + "\(count) pieces"
    }

    /// Puts the other files beside the database, and says what there is.
    private func finish(
        _ found: Found, _ facts: FollowCopy.Facts, _ copy: String, into target: String
    ) throws -> BackupManifest {
        for file in found.listing.files {
            guard BackupReading.isSafe(file.name), file.name != Backup.database else {
                throw BackupError("it lists the file \"\(file.name)\", which no backup has")
            }
            let kept = "\(copy)/\(FollowListing.folder)/\(file.digest)"
            guard FileSystem.exists(kept) else { throw BackupError("it lacks \(file.name)") }
            let bytes = try FileSystem.read(kept)
            guard Hex.encode(Digest.hash(bytes, .sha256)) == file.digest else {
                throw BackupError("\(file.name) is damaged")
            }
            let path = "\(target)/\(file.name)"
            if let slash = path.lastIndex(of: "/") {
                try FileSystem.makeDirectory(String(path[..<slash]), mode: 0o700)
            }
            let out = try LocalFile(writing: path, mode: 0o600)
            try out.write(bytes[...])
            try out.sync()
        }
        let database = "\(target)/\(Backup.database)"
        let sound = try BackupReading.soundFacts(of: database, from: copy, version: facts.version)
        return BackupManifest(
            hubID: facts.hubID, version: facts.version, createdAt: found.at, keyCheck: found.listing.keyCheck,
            files: found.listing.files, database: .init(sound))
    }
}
