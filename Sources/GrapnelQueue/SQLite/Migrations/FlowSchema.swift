/// Lines of keys, rates, and events that gather in one run.
///
/// A run that its line holds back is scheduled for a moment that never comes, so that no claim looks at it, however many
/// there are.
enum FlowSchema {
    static let name = "0002 lanes and gatherings"

    static let sql = """
        ALTER TABLE run ADD COLUMN lane TEXT;
        -- NULL: one after another, in the order of their tickets.
        ALTER TABLE run ADD COLUMN lane_limit INTEGER CHECK (lane_limit >= 1);
        ALTER TABLE run ADD COLUMN ticket INTEGER;
        -- When a run that is held back would have been due.
        ALTER TABLE run ADD COLUMN not_before INTEGER;
        ALTER TABLE run ADD COLUMN rate TEXT;
        ALTER TABLE run ADD COLUMN batch BLOB CHECK (length(batch) = 16);

        CREATE INDEX run_in_lane ON run (tenant, recipe, lane, ticket)
            WHERE lane IS NOT NULL AND lane_limit IS NULL AND state NOT IN (3, 4, 6);
        CREATE UNIQUE INDEX run_at_head ON run (tenant, recipe, lane)
            WHERE lane IS NOT NULL AND lane_limit IS NULL AND state = 2;
        CREATE INDEX run_in_slot ON run (tenant, recipe, lane, state, due_at)
            WHERE lane_limit IS NOT NULL AND state NOT IN (3, 4, 5, 6);
        CREATE INDEX run_of_batch ON run (batch) WHERE batch IS NOT NULL;

        CREATE TABLE rate (
            tenant TEXT NOT NULL,
            recipe TEXT NOT NULL,
            key TEXT NOT NULL,
            -- Microseconds: when the bucket is full again.
            full_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, recipe, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX rate_full ON rate (full_at);

        CREATE TABLE gathering (
            tenant TEXT NOT NULL,
            recipe TEXT NOT NULL,
            key TEXT NOT NULL,
            run BLOB NOT NULL CHECK (length(run) = 16),
            since INTEGER NOT NULL,
            closes_at INTEGER NOT NULL,
            events INTEGER NOT NULL CHECK (events >= 1),
            bytes INTEGER NOT NULL CHECK (bytes >= 0),
            PRIMARY KEY (tenant, recipe, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX gathering_closing ON gathering (closes_at);

        CREATE TABLE member (
            batch BLOB NOT NULL CHECK (length(batch) = 16),
            ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
            event BLOB NOT NULL CHECK (length(event) = 16),
            PRIMARY KEY (batch, ordinal)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX member_of_event ON member (event, batch);
        """
}
