/// What runs that wait were planned for, and by which clock buckets were taken from.
enum WaitingRuns {
    static let name = "0009 waiting runs"

    static let sql = """
        -- The moment that a person, or the handler that emitted its event, planned a run for.
        ALTER TABLE run ADD COLUMN planned_for INTEGER;
        UPDATE run SET planned_for = due_at WHERE state <= 1 AND attempts = 0 AND due_at < \(Int64.max)
            AND EXISTS (SELECT 1 FROM event e WHERE e.id = run.event AND e.type = 'schedule.planned');

        -- What the wall clock said when the bucket was taken from.
        ALTER TABLE rate ADD COLUMN taken_at INTEGER NOT NULL DEFAULT 0;
        """
}
