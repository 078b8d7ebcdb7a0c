/// The first migration. Migrations are append-only: a released one never changes.
///
/// What is written once and may be long (requests, events, inputs and answers of effects) lives in tables with a row
/// number; what changes at every step (runs, outcomes of effects) lives in narrow ones. Enumerations are the numbers
/// of `StoredCode`, times are milliseconds, identities 16 bytes.
enum FirstSchema {
    static let name = "0001 requests, events, runs, effects"

    static let sql = """
        CREATE TABLE meta (
            key TEXT NOT NULL PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE counter (
            name TEXT NOT NULL PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE request (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            tenant TEXT NOT NULL,
            source TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            scheme TEXT NOT NULL,
            secret_name TEXT,
            secret_version TEXT,
            events BLOB NOT NULL CHECK (length(events) % 16 = 0),
            method TEXT NOT NULL,
            url TEXT NOT NULL,
            query TEXT NOT NULL,
            peer TEXT NOT NULL,
            headers BLOB NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX request_of_source ON request (source);

        CREATE TABLE event (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            tenant TEXT NOT NULL,
            request INTEGER NOT NULL,
            source TEXT NOT NULL,
            type TEXT NOT NULL,
            delivery_id TEXT,
            received_at INTEGER NOT NULL,
            body_kind INTEGER NOT NULL CHECK (body_kind BETWEEN 0 AND 3),
            value BLOB,
            parse_error TEXT,
            conflict_of BLOB CHECK (length(conflict_of) = 16),
            conflict_fingerprint BLOB,
            CHECK ((conflict_of IS NULL) = (conflict_fingerprint IS NULL))
        ) STRICT;
        CREATE INDEX event_of_source ON event (source);
        CREATE INDEX event_in_conflict ON event (conflict_of) WHERE conflict_of IS NOT NULL;

        CREATE TABLE dedupe (
            tenant TEXT NOT NULL,
            source TEXT NOT NULL,
            delivery_id TEXT NOT NULL,
            event BLOB NOT NULL CHECK (length(event) = 16),
            fingerprint BLOB NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, source, delivery_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE run (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            tenant TEXT NOT NULL,
            event BLOB NOT NULL CHECK (length(event) = 16),
            recipe TEXT NOT NULL,
            generation INTEGER NOT NULL CHECK (generation >= 0),
            version ANY NOT NULL,
            origin BLOB NOT NULL CHECK (length(origin) = 16),
            replay_of BLOB CHECK (length(replay_of) = 16),
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
            dead_reason INTEGER,
            park_reason INTEGER,
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            losses INTEGER NOT NULL CHECK (losses >= 0),
            deaths INTEGER NOT NULL CHECK (deaths >= 0),
            due_at INTEGER,
            fence INTEGER NOT NULL CHECK (fence >= 0),
            lease_until INTEGER,
            lease_epoch INTEGER,
            created_at INTEGER NOT NULL,
            finished_at INTEGER,
            error TEXT,
            CHECK ((state <= 1) = (due_at IS NOT NULL)),
            CHECK ((state = 2) = (lease_until IS NOT NULL)),
            CHECK ((state = 4) = (dead_reason IS NOT NULL)),
            CHECK ((state = 5) = (park_reason IS NOT NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX run_of_event ON run (event, recipe, generation);
        CREATE INDEX run_of_recipe ON run (recipe, id);
        -- The state is in it so that a claim need not look at the row to see it again.
        CREATE INDEX run_due ON run (recipe, due_at, id, state) WHERE state <= 1;
        CREATE INDEX run_leased ON run (lease_until) WHERE state = 2;
        CREATE INDEX run_stopped ON run (state, id) WHERE state >= 4;

        CREATE TABLE run_result (
            run BLOB NOT NULL PRIMARY KEY CHECK (length(run) = 16),
            result BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE reply (
            event BLOB NOT NULL PRIMARY KEY CHECK (length(event) = 16),
            status INTEGER NOT NULL,
            headers BLOB NOT NULL,
            body BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE effect (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            tenant TEXT NOT NULL,
            origin BLOB NOT NULL CHECK (length(origin) = 16),
            step TEXT NOT NULL,
            run BLOB NOT NULL CHECK (length(run) = 16),
            event BLOB NOT NULL CHECK (length(event) = 16),
            recipe TEXT NOT NULL,
            kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 1),
            connection TEXT NOT NULL,
            operation TEXT NOT NULL,
            fingerprint BLOB NOT NULL,
            idempotency_key TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            input BLOB NOT NULL,
            output BLOB
        ) STRICT;
        CREATE UNIQUE INDEX effect_of_origin ON effect (origin, step);
        CREATE INDEX effect_of_connection ON effect (connection);

        CREATE TABLE outcome (
            effect BLOB NOT NULL PRIMARY KEY CHECK (length(effect) = 16),
            connection TEXT NOT NULL,
            class INTEGER NOT NULL CHECK (class BETWEEN 0 AND 5),
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
            sends INTEGER NOT NULL CHECK (sends >= 0),
            maybe_duplicate INTEGER NOT NULL CHECK (maybe_duplicate IN (0, 1)),
            human_said_resend INTEGER NOT NULL CHECK (human_said_resend IN (0, 1)),
            key_window INTEGER,
            key_valid_until INTEGER,
            status INTEGER,
            failure TEXT,
            sent_at INTEGER,
            settled_at INTEGER,
            delivery INTEGER CHECK (delivery BETWEEN 0 AND 6),
            dead_reason INTEGER,
            park_reason INTEGER,
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            losses INTEGER NOT NULL CHECK (losses >= 0),
            deaths INTEGER NOT NULL CHECK (deaths >= 0),
            due_at INTEGER,
            fence INTEGER NOT NULL CHECK (fence >= 0),
            lease_until INTEGER,
            lease_epoch INTEGER,
            CHECK ((delivery <= 1) IS TRUE = (due_at IS NOT NULL)),
            CHECK ((delivery = 2) IS TRUE = (lease_until IS NOT NULL)),
            CHECK ((delivery = 4) IS TRUE = (dead_reason IS NOT NULL)),
            CHECK ((delivery = 5) IS TRUE = (park_reason IS NOT NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX outcome_due ON outcome (connection, due_at, effect, delivery) WHERE delivery <= 1;
        CREATE INDEX outcome_leased ON outcome (lease_until) WHERE delivery = 2;
        CREATE INDEX outcome_stopped ON outcome (delivery, effect) WHERE delivery >= 4;
        CREATE INDEX outcome_unsettled ON outcome (state, effect) WHERE state >= 3;

        CREATE TABLE attempt (
            subject BLOB NOT NULL CHECK (length(subject) = 16),
            started_at INTEGER NOT NULL,
            ordinal INTEGER NOT NULL,
            took INTEGER NOT NULL,
            version ANY,
            cold_start INTEGER,
            status INTEGER,
            failure_kind INTEGER,
            failure_message TEXT,
            failure_stack TEXT,
            failure_retryable INTEGER,
            failure_retry_after INTEGER,
            log INTEGER,
            PRIMARY KEY (subject, started_at, ordinal),
            CHECK ((failure_kind IS NULL) = (failure_message IS NULL))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE log (
            number INTEGER PRIMARY KEY,
            lines BLOB NOT NULL
        ) STRICT;

        CREATE TABLE kv (
            tenant TEXT NOT NULL,
            recipe TEXT NOT NULL,
            key TEXT NOT NULL,
            value BLOB NOT NULL,
            version INTEGER NOT NULL CHECK (version >= 1),
            expires_at INTEGER,
            PRIMARY KEY (tenant, recipe, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX kv_expiring ON kv (expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE rejected (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL CHECK (length(id) = 16),
            tenant TEXT NOT NULL,
            source TEXT NOT NULL,
            kind INTEGER NOT NULL,
            detail TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            method TEXT NOT NULL,
            url TEXT NOT NULL,
            query TEXT NOT NULL,
            peer TEXT NOT NULL,
            headers BLOB NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        """
}
