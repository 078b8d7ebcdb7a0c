import GrapnelCore
import GrapnelCrypto
import GrapnelQueue

/// A file of a copy that says what was committed after the one before it: one line of JSON, then pages, each with its
/// number in four bytes.
///
/// Its name is its number and the SHA-256 of all of it. Pages replace pages, so a piece may be laid over a copy that has
/// a part of it already.
struct FollowPiece {
    static let format = "grapnel piece 1"
    static let folder = "pieces"
    /// The largest first line that is read.
    private static let longestLine = 16 << 20

    /// The first line.
    struct Header {
        /// The place in the log before it and after it; `nil` where the database had none.
        var from: LogPosition?
        var to: LogPosition?
        /// When it was looked for: it has nothing that was committed much later.
        var at: Timestamp
        /// Whether everything that was committed before `at` is in it or in earlier ones. Else the next one goes on.
        var isComplete = true
        var pageSize = 0
        /// Pages that it holds.
        var pages = 0
        /// Pages that the database has after it; 0 when it changes none.
        var databasePages = 0
        /// What is there beside the database, when that changed.
        var listing: FollowListing?
    }

    let path: String
    let number: Int
    let digest: String

    /// The piece of this name; `nil` when it is no name of a piece.
    init?(name: String, in folder: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), number > 0, parts[1].count == 64 else { return nil }
        path = "\(folder)/\(name)"
        self.number = number
        digest = String(parts[1])
    }

    static func name(_ number: Int, _ digest: String) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + "." + digest
    }

    /// Writes a piece; gives its SHA-256, or `nil` when the log began anew meanwhile and nothing was written.
    static func write(_ header: Header, _ stretch: LogStretch?, to path: String) throws -> (digest: String, size: Int)?
    {
        let file = try LocalFile(writing: path, mode: 0o600)
        let digest = RunningDigest(.sha256)
        var size = 0
        func add(_ bytes: [UInt8]) throws {
            digest.update(bytes[...])
            try file.write(bytes[...])
            size += bytes.count
        }
        try add(JSONWriter.bytes(header.document) + [UInt8(ascii: "\n")])
        if let stretch {
            // Few large writes instead of many small ones.
            var gathered: [UInt8] = []
            let isWhole = try stretch.eachPage { number, bytes in
                gathered += (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
                gathered += bytes
                guard gathered.count >= LocalFile.piece else { return }
                try add(gathered)
                gathered.removeAll(keepingCapacity: true)
            }
            guard isWhole else { return nil }
            try add(gathered)
        }
        try file.sync()
        return (Hex.encode(digest.finish()), size)
    }

    /// Whether it is what its name says.
    func isSound() throws -> Bool { try FollowPiece.digest(of: path) == digest }

    /// The SHA-256 of a file.
    static func digest(of path: String) throws -> String {
        let (file, digest) = (try LocalFile(reading: path), RunningDigest(.sha256))
        while true {
            let bytes = try file.read(LocalFile.piece)
            digest.update(bytes[...])
            if bytes.count < LocalFile.piece { return Hex.encode(digest.finish()) }
        }
    }

    func header() throws -> Header { try open().header }

    /// Lays its pages over a database.
    func lay(over database: LocalFile) throws {
        let (header, file) = try open()
        for _ in 0..<header.pages {
            let page = try file.read(4 + header.pageSize)
            guard page.count == 4 + header.pageSize else { throw BackupError("\(path) ends early") }
            let number = page[..<4].reduce(0) { $0 << 8 | Int($1) }
            guard number > 0 else { throw BackupError("\(path) has a page 0") }
            try database.seek(to: (number - 1) * header.pageSize)
            try database.write(page[4...])
        }
    }

    /// The first line, and the file after it.
    private func open() throws -> (header: Header, file: LocalFile) {
        let file = try LocalFile(reading: path)
        var line: [UInt8] = []
        while line.count < FollowPiece.longestLine {
            let bytes = try file.read(4096)
            line += bytes
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                line.removeLast(bytes.count - end)
                guard let header = (try? JSONParser.parse(line)).flatMap({ Header($0) }) else { break }
                try file.seek(to: line.count + 1)
                return (header, file)
            }
            if bytes.count < 4096 { break }
        }
        throw BackupError("\(path) is not a piece of a followed hub")
    }
}

extension FollowPiece.Header {
    fileprivate init?(_ document: JSON) {
        guard document["format"]?.string == FollowPiece.format,
            let at = document["at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let pageSize = document["page_size"]?.integer, (0...65_536).contains(pageSize),
            let pages = document["pages"]?.integer, (0...Int64(UInt32.max)).contains(pages),
            let databasePages = document["database_pages"]?.integer,
            (0...Int64(UInt32.max)).contains(databasePages)
        else { return nil }
        func position(_ key: String) -> LogPosition? { document[key]?.string.flatMap { LogPosition($0) } }
        from = position("from")
        to = position("to")
        self.at = at
        isComplete = document["complete"]?.bool ?? true
        self.pageSize = Int(pageSize)
        self.pages = Int(pages)
        self.databasePages = Int(databasePages)
        listing = document["listing"].flatMap { FollowListing($0) }
    }

    fileprivate var document: JSON {
        [
            "format": .string(FollowPiece.format), "at": .string(at.description),
            "complete": .bool(isComplete), "from": from.map { .string($0.description) } ?? .null,
            "to": to.map { .string($0.description) } ?? .null,
            "page_size": .integer(Int64(pageSize)), "pages": .integer(Int64(pages)),
            "database_pages": .integer(Int64(databasePages)), "listing": listing?.document ?? .null,
        ]
    }
}
