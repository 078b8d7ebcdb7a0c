/// Lines of outputs of one key, and the moments that outputs are meant for.
enum OutputLines {
    static let name = "0011 lines of outputs"

    static let sql = """
        -- The line that an output stands in, among those of its connection, and its place there.
        ALTER TABLE outcome ADD COLUMN lane TEXT;
        ALTER TABLE outcome ADD COLUMN ticket INTEGER;
        -- When one that is held back would have been due.
        ALTER TABLE outcome ADD COLUMN not_before INTEGER;
        -- The moment that an output is meant for, when that is not the one of its making.
        ALTER TABLE outcome ADD COLUMN planned_for INTEGER;

        CREATE INDEX outcome_in_lane ON outcome (connection, lane, ticket)
            WHERE lane IS NOT NULL AND delivery NOT IN (3, 4, 6);
        CREATE UNIQUE INDEX outcome_at_head ON outcome (connection, lane) WHERE lane IS NOT NULL AND delivery = 2;
        """
}
