/// Pauses, what parked runs wait for, how connections fare, and how often an unknown outcome was looked up.
enum PauseSchema {
    static let name = "0003 pauses"

    static let sql = """
        CREATE TABLE pause (
            kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
            name TEXT NOT NULL,
            since INTEGER NOT NULL,
            reason TEXT,
            by TEXT NOT NULL,
            PRIMARY KEY (kind, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE connection_health (
            connection TEXT NOT NULL PRIMARY KEY,
            failing_since INTEGER,
            last_success INTEGER,
            last_failure INTEGER,
            failure TEXT
        ) STRICT, WITHOUT ROWID;

        -- The source or the connection that a parked run waits for.
        ALTER TABLE run ADD COLUMN waits_for TEXT;
        CREATE INDEX run_parked ON run (park_reason, waits_for, id) WHERE state = 5;

        -- How often an unknown outcome was looked up; NULL when it cannot be.
        ALTER TABLE outcome ADD COLUMN lookups INTEGER;
        """
}
