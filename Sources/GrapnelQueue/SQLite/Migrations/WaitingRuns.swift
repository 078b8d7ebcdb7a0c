/// What runs that wait were planned for, by which clock buckets were taken from, and what gathers for a paused source.
enum WaitingRuns {
    static let name = "0009 waiting runs"

    static let sql = """
        -- The moment that a person, or the handler that emitted its event, planned a run for.
        ALTER TABLE run ADD COLUMN planned_for INTEGER;
        UPDATE run SET planned_for = due_at WHERE state <= 1 AND attempts = 0 AND due_at < \(Int64.max)
            AND EXISTS (SELECT 1 FROM event e WHERE e.id = run.event AND e.type = 'schedule.planned');

        -- What the wall clock said when the bucket was taken from.
        ALTER TABLE rate ADD COLUMN taken_at INTEGER NOT NULL DEFAULT 0;

        -- The paused source whose events gather here; empty for those of all that are not paused.
        CREATE TABLE gathering_by_source (
            tenant TEXT NOT NULL,
            recipe TEXT NOT NULL,
            source TEXT NOT NULL,
            key TEXT NOT NULL,
            run BLOB NOT NULL CHECK (length(run) = 16),
            since INTEGER NOT NULL,
            closes_at INTEGER NOT NULL,
            events INTEGER NOT NULL CHECK (events >= 1),
            bytes INTEGER NOT NULL CHECK (bytes >= 0),
            PRIMARY KEY (tenant, recipe, source, key)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO gathering_by_source (tenant, recipe, source, key, run, since, closes_at, events, bytes)
            SELECT tenant, recipe, '', key, run, since, closes_at, events, bytes FROM gathering;
        DROP TABLE gathering;
        ALTER TABLE gathering_by_source RENAME TO gathering;
        CREATE INDEX gathering_closing ON gathering (closes_at);
        """
}
