import FoundationEssentials
import GRDB

/// The database of a hub that does not run.
struct StoredHub {
    /// What a restore, or the start of a hub, changes.
    private static let changing: Set<String> = ["meta", "outcome", "uncertain_origin", "grdb_migrations"]

    let path: String

    private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        let database = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? database.close() }
        return try database.read(body)
    }

    /// The deliveries of which it has the events.
    func deliveries() throws -> Set<String> {
        try read { Set(try String.fetchAll($0, sql: "SELECT delivery_id FROM event WHERE delivery_id IS NOT NULL")) }
    }

    /// Every row of every table, but for those that a restore changes.
    func tables() throws -> [String: [Row]] {
        try read { database in
            let names = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
            var tables: [String: [Row]] = [:]
            for name in names where !StoredHub.changing.contains(name) {
                tables[name] = try Row.fetchAll(database, sql: "SELECT * FROM \(name)")
                    .sorted { $0.description < $1.description }
            }
            return tables
        }
    }

    /// Copies a folder as it is just now, while somebody writes into it.
    static func copy(_ folder: String, to target: String) throws {
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            var isFolder = false
            guard FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder) else { continue }
            if isFolder {
                try copy("\(folder)/\(name)", to: "\(target)/\(name)")
            } else {
                try? FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(target)/\(name)")
            }
        }
    }
}
