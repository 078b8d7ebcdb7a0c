/// What led to an event: the run that emitted it, and how many events led to that.
enum Causes {
    static let name = "0004 causes"

    static let sql = """
        ALTER TABLE event ADD COLUMN cause BLOB CHECK (length(cause) = 16);
        ALTER TABLE event ADD COLUMN depth INTEGER NOT NULL DEFAULT 0 CHECK (depth >= 0);
        CREATE INDEX event_of_cause ON event (cause) WHERE cause IS NOT NULL;
        """
}
