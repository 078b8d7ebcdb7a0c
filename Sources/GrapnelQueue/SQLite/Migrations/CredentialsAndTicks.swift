/// Whether what waited for a connection's credentials is awake.
enum CredentialsAndTicks {
    static let name = "0010 credentials and ticks"

    static let sql = """
        ALTER TABLE credential ADD COLUMN woken INTEGER NOT NULL DEFAULT 1 CHECK (woken IN (0, 1));
        """
}
