/// What erasing, restoring and the retention of a source need.
enum ErasureSchema {
    static let name = "0006 erasures"

    static let sql = """
        -- What people did to what is kept. No value that was erased stands in it.
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            at INTEGER NOT NULL,
            finished_at INTEGER,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            rows INTEGER NOT NULL CHECK (rows >= 0)
        ) STRICT;

        -- Origins whose runs were under way in a backup that was restored: what they did afterwards is not in the ledger.
        CREATE TABLE uncertain_origin (
            origin BLOB NOT NULL PRIMARY KEY CHECK (length(origin) = 16),
            since INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- How many bytes of requests each source keeps.
        CREATE TABLE source_bytes (
            source TEXT NOT NULL PRIMARY KEY,
            bytes INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO source_bytes (source, bytes)
            SELECT source, SUM(length(body) + length(headers)) FROM request GROUP BY source;
        """
}
