import GrapnelCore
import GrapnelQueue

/// One whole copy of a database in a folder, and the pieces that continue it.
///
/// It can be restored from the moment on at which `copy.json` is there: that names the piece that reaches beyond the
/// moment of which the database is.
final class FollowCopy {
    static let prefix = "copy-"
    static let manifest = "copy.json"
    static let format = "grapnel copy 1"

    /// What `copy.json` says.
    struct Facts {
        var hubID: String?
        var version: String
        var createdAt: Timestamp
        /// Of the copy of the database.
        var bytes: Int
        var digest: String
        /// Where in the log the pieces begin; `nil` when the database had none.
        var from: LogPosition?
        /// What the file of the database looked like, when it had no log.
        var stamp: String?
        /// How many pieces it takes to be whole.
        var pieces: Int
        /// When it was whole.
        var wholeAt: Timestamp
        var listing: FollowListing
    }

    let path: String
    private(set) var facts: Facts?
    /// Where in the log the pieces end.
    private(set) var position: LogPosition?
    private(set) var lastNumber = 0
    /// The bytes of its pieces.
    private(set) var pieceBytes = 0

    var name: String { String(path.split(separator: "/").last ?? "") }
    var database: String { "\(path)/\(Backup.database)" }
    private var pieces: String { "\(path)/\(FollowPiece.folder)" }
    private var files: String { "\(path)/\(FollowListing.folder)" }

    /// Makes a copy that begins at `position`.
    init(making path: String, from position: LogPosition?) throws {
        self.path = path
        self.position = position
        for folder in [path, pieces, files] { try FileSystem.makeDirectory(folder, mode: 0o700) }
    }

    /// Opens a copy that is there; `nil` when it is not whole, or its last piece is not: then nothing is added to it.
    init?(continuing path: String) throws {
        self.path = path
        guard let facts = try FollowCopy.facts(in: path) else { return nil }
        self.facts = facts
        let all = FollowCopy.pieces(in: path)
        pieceBytes = try all.reduce(0) { $0 + (try LocalFile(reading: $1.path).status().size) }
        guard let last = all.last else {
            guard facts.pieces == 0 else { return nil }
            position = facts.from
            return
        }
        guard all.count == last.number, last.number >= facts.pieces, try last.isSound() else { return nil }
        lastNumber = last.number
        position = try last.header().to
    }

    static func facts(in path: String) throws -> Facts? {
        let file = "\(path)/\(manifest)"
        guard FileSystem.exists(file) else { return nil }
        guard let facts = (try? JSONParser.parse(try FileSystem.read(file))).flatMap({ Facts($0) }) else {
            throw BackupError("\(file) is damaged")
        }
        return facts
    }

    /// The pieces that are there, in their order.
    static func pieces(in path: String) -> [FollowPiece] {
        let folder = "\(path)/\(FollowPiece.folder)"
        return FileSystem.names(in: folder).compactMap { FollowPiece(name: $0, in: folder) }
            .sorted { $0.number < $1.number }
    }

    /// Adds a piece; `nil` when the log began anew while it was written.
    func add(_ header: FollowPiece.Header, _ stretch: LogStretch?) throws -> FollowPiece? {
        try checkPlace(of: header)
        let part = "\(pieces)/part"
        guard let (digest, size) = try FollowPiece.write(header, stretch, to: part) else {
            FileSystem.remove(part)
            return nil
        }
        let name = FollowPiece.name(lastNumber + 1, digest)
        try settle(part, as: name)
        took(header, size)
        return FollowPiece(name: name, in: pieces)
    }

    /// Adds a piece that another copy has already.
    func add(_ piece: FollowPiece, _ header: FollowPiece.Header) throws {
        try checkPlace(of: header)
        let part = "\(pieces)/part"
        let size = try LocalFile(reading: piece.path).copy(to: part)
        try settle(part, as: FollowPiece.name(lastNumber + 1, piece.digest))
        took(header, size)
    }

    /// Makes a piece of what was written.
    private func settle(_ part: String, as name: String) throws {
        do {
            try FileSystem.move(part, to: "\(pieces)/\(name)")
        } catch {
            // It may have its name already. The next try has more in it, and no number may be given twice.
            FileSystem.remove("\(pieces)/\(name)")
            throw error
        }
    }

    /// What does not come right after the last piece is of no use to this copy.
    private func checkPlace(of header: FollowPiece.Header) throws {
        guard header.from == position else { throw LogBreak("a piece does not come after the one before it") }
    }

    private func took(_ header: FollowPiece.Header, _ size: Int) {
        lastNumber += 1
        pieceBytes += size
        position = header.to
    }

    /// Keeps a file that the hub has beside its database.
    func keep(_ bytes: [UInt8], digest: String) throws {
        let path = "\(files)/\(digest)"
        guard !FileSystem.exists(path) else { return }
        try FileSystem.write(bytes, to: "\(path).part", mode: 0o600)
        try FileSystem.move("\(path).part", to: path)
    }

    /// Says that it can be restored from now on.
    func complete(_ facts: Facts) throws {
        let file = "\(path)/\(FollowCopy.manifest)"
        try FileSystem.write(JSONWriter.bytes(facts.document, style: .indented), to: "\(file).part", mode: 0o600)
        try FileSystem.move("\(file).part", to: file)
        self.facts = facts
    }
}

extension FollowCopy.Facts {
    fileprivate init?(_ document: JSON) {
        guard document["format"]?.string == FollowCopy.format, let version = document["version"]?.string,
            let createdAt = document["created_at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let wholeAt = document["whole_at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let bytes = document["bytes"]?.integer, let digest = document["sha256"]?.string,
            let pieces = document["pieces"]?.integer, let listing = document["listing"].flatMap({ FollowListing($0) })
        else { return nil }
        hubID = document["hub_id"]?.string
        self.version = version
        self.createdAt = createdAt
        self.wholeAt = wholeAt
        self.bytes = Int(bytes)
        self.digest = digest
        from = document["from"]?.string.flatMap { LogPosition($0) }
        stamp = document["at_rest"]?.string
        self.pieces = Int(pieces)
        self.listing = listing
    }

    fileprivate var document: JSON {
        [
            "format": .string(FollowCopy.format), "version": .string(version),
            "hub_id": hubID.map { .string($0) } ?? .null, "created_at": .string(createdAt.description),
            "whole_at": .string(wholeAt.description), "bytes": .integer(Int64(bytes)), "sha256": .string(digest),
            "from": from.map { .string($0.description) } ?? .null, "at_rest": stamp.map { .string($0) } ?? .null,
            "pieces": .integer(Int64(pieces)), "listing": listing.document,
        ]
    }
}
