/// Whether what waited for a connection's credentials is awake; and no more delivery ids of ticks whose events have gone.
enum CredentialsAndTicks {
    static let name = "0010 credentials and ticks"

    static let sql = """
        ALTER TABLE credential ADD COLUMN woken INTEGER NOT NULL DEFAULT 1 CHECK (woken IN (0, 1));

        DELETE FROM dedupe WHERE source >= 'schedule:' AND source < 'schedule;'
            AND NOT EXISTS (SELECT 1 FROM event WHERE event.id = dedupe.event);
        """
}
