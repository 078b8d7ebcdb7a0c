import FoundationEssentials
import GRDB
import GrapnelQueue
import TestSupport

/// A copy of a store's database that follows its log, as `grapnel backup --follow` does.
final class Replica {
    let path: String
    let log: FollowedLog
    private(set) var position: LogPosition
    /// Stretches that were laid over it.
    private(set) var stretches = 0
    private let directory: TemporaryDirectory
    private var pages: [UInt32: [UInt8]] = [:]
    private var databasePages = 0

    /// Notes where the log begins, and copies the database after that.
    init(of store: SQLiteStore) throws {
        directory = try TemporaryDirectory("replica")
        path = directory.file("copy.db")
        log = try FollowedLog(database: store.path, holder: "a test")
        guard let beginning = try log.beginning() else { throw LogBreak("there is no log") }
        position = beginning
        try catchUp()
        try DatabaseCopy.make(of: store.path, at: path)
    }

    /// Takes whatever was committed since; `false` when the log does not say yet how it goes on.
    @discardableResult
    func catchUp(mostFrames: Int = LogStretch.mostFrames, discarding: Bool = true) throws -> Bool {
        while true {
            switch try log.advance(from: position, mostFrames: mostFrames) {
            case .nothing: return true
            case .unlinked: return false
            case .stretch(let stretch):
                guard stretch.from == position else {
                    throw LogBreak("a stretch does not begin where the last one ended")
                }
                guard try stretch.eachPage({ number, bytes in pages[number] = bytes }) else { continue }
                // A position is kept as text.
                guard let read = LogPosition(stretch.to.description), read == stretch.to else {
                    throw LogBreak("a position cannot be read back")
                }
                databasePages = stretch.databasePages
                position = read
                stretches += 1
                if discarding { try log.discard(before: position) }
            }
        }
    }

    /// The rows of a table, after everything was written into the copy.
    func rows(of table: String) throws -> [Row] {
        var file = [UInt8](try Data(contentsOf: URL(filePath: path)))
        if let page = pages.first?.value.count {
            let size = databasePages * page
            file += [UInt8](repeating: 0, count: max(0, size - file.count))
            for (number, bytes) in pages where Int(number) <= databasePages {
                let start = (Int(number) - 1) * page
                file.replaceSubrange(start..<start + page, with: bytes)
            }
            try Data(file[..<size]).write(to: URL(filePath: path))
        }
        guard try DatabaseInspection.damage(of: path).isEmpty else { throw LogBreak("the copy is damaged") }
        return try Replica.rows(of: table, in: path)
    }

    /// The rows of a table of a database that nobody writes.
    static func rows(of table: String, in path: String) throws -> [Row] {
        let database = try DatabaseQueue(path: path)
        defer { try? database.close() }
        return try database.read { try Row.fetchAll($0, sql: "SELECT * FROM \(table) ORDER BY 1, 2") }
    }
}
