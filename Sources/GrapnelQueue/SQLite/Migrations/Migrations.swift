import GRDB

/// The schema's history. Append to it; never change what was released.
enum Migrations {
    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(FirstSchema.name) { try $0.execute(sql: FirstSchema.sql) }
        migrator.registerMigration(FlowSchema.name) { try $0.execute(sql: FlowSchema.sql) }
        migrator.registerMigration(PauseSchema.name) { try $0.execute(sql: PauseSchema.sql) }
        migrator.registerMigration(Causes.name) { try $0.execute(sql: Causes.sql) }
        return migrator
    }

    /// Brings the database to the newest schema; refuses one that a newer version made.
    static func migrate(_ pool: DatabasePool, path: String) throws {
        let migrator = migrator
        guard try !pool.writeWithoutTransaction({ try migrator.hasBeenSuperseded($0) }) else {
            throw QueueError(
                .unusable,
                "\(path) was made by a newer version of Grapnel: start that one, or restore a backup "
                    + "that this version made")
        }
        try migrator.migrate(pool)
    }
}
