package import GRDB

/// The schema's history. Append to it; never change what was released.
package enum Migrations {
    /// Each step with its name, in the order in which they are made.
    private static let steps: [(name: String, sql: String)] = [
        (FirstSchema.name, FirstSchema.sql),
        (FlowSchema.name, FlowSchema.sql),
        (PauseSchema.name, PauseSchema.sql),
        (Causes.name, Causes.sql),
        (SchedulesAndQuarantine.name, SchedulesAndQuarantine.sql),
        (ErasureSchema.name, ErasureSchema.sql),
        (CancelRequests.name, CancelRequests.sql),
        (CallsInFlight.name, CallsInFlight.sql),
        (WaitingRuns.name, WaitingRuns.sql),
        (CredentialsAndTicks.name, CredentialsAndTicks.sql),
        (OutputLines.name, OutputLines.sql),
    ]

    /// The names of all steps, in their order.
    static var names: [String] { steps.map(\.name) }

    package static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for step in steps { migrator.registerMigration(step.name) { try $0.execute(sql: step.sql) } }
        return migrator
    }

    /// Brings the database to the newest schema; refuses one that a newer version made.
    ///
    /// - Parameter copying: Called before the first change to a database that holds a schema already, with its newest
    ///   migration.
    static func migrate(
        _ database: any DatabaseWriter, path: String, copying: (_ schema: String) throws -> Void
    ) throws {
        let migrator = migrator
        let (isNewer, isCurrent, newest) = try database.writeWithoutTransaction { database in
            (
                try migrator.hasBeenSuperseded(database), try migrator.hasCompletedMigrations(database),
                try migrator.appliedMigrations(database).last
            )
        }
        guard !isNewer else {
            throw QueueError(
                .unusable,
                "\(path) was made by a newer version of Grapnel: start that one, or restore a backup "
                    + "that this version made")
        }
        if !isCurrent, let newest { try copying(newest) }
        try migrator.migrate(database)
    }
}
