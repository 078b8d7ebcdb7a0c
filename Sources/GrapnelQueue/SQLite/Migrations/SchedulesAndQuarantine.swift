/// How far each schedule has come, which versions may not start, and what parked runs and outputs are found by.
enum SchedulesAndQuarantine {
    static let name = "0005 schedules and quarantine"

    static let sql = """
        CREATE TABLE schedule (
            tenant TEXT NOT NULL,
            recipe TEXT NOT NULL,
            schedule TEXT NOT NULL,
            done_until INTEGER NOT NULL,
            last_tick INTEGER,
            PRIMARY KEY (tenant, recipe, schedule)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE quarantine (
            tenant TEXT NOT NULL,
            recipe TEXT NOT NULL,
            version ANY NOT NULL,
            run BLOB NOT NULL CHECK (length(run) = 16),
            error TEXT NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (tenant, recipe, version)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE credential (
            connection TEXT NOT NULL PRIMARY KEY,
            fingerprint BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX run_parked_as ON run (park_reason, recipe, id) WHERE state = 5;
        CREATE INDEX outcome_parked_as ON outcome (park_reason, connection, effect) WHERE delivery = 5;
        """
}
