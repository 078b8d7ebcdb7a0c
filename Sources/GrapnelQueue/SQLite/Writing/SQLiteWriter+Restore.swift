import GrapnelCore

extension SQLiteWriter {
    /// Begins a restore epoch: what may have been sent after the backup is `unknown` from now on.
    func restored(_ mark: RestoreMark) throws -> RestoreReport {
        let now = clock.now()
        try Connection.execute(
            """
            INSERT INTO meta (key, value) VALUES ('restore_epoch', '1')
                ON CONFLICT DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)
            """, on: connection)
        let epoch = try Statement(
            "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'restore_epoch'", on: connection
        ).first { $0.integer() }
        let origins = try self.origins.noteUnderWay(since: mark.backupAt, now: now)
        // Last: what became unknown with a person's word counts once.
        let effects =
            try doubtOutputs(since: mark.backupAt, now: now) + doubtCalls(now: now) + takeBackWords(now: now)
        return RestoreReport(epoch: epoch ?? 0, unknownEffects: effects, uncertainOrigins: origins)
    }

    /// Outputs that were waiting, being sent or parked, and whose time has come: they may have been sent meanwhile.
    private func doubtOutputs(since: Timestamp, now: Timestamp) throws -> Int {
        var count = 0
        for state in [EffectState.intended, .inFlight, .failed] {
            try Statement(
                """
                UPDATE outcome SET state = \(EffectState.unknown.code), sends = MAX(sends, 1), settled_at = ?1,
                    failure = ?2, key_valid_until = IFNULL(key_valid_until, ?3 + key_window), human_said_resend = 0
                WHERE state = ?4 AND delivery IN (0, 1, 2, 5)
                    AND (due_at IS NULL OR due_at <= ?1 OR due_at = \(Int64.max))
                """, on: connection
            ).add(now).add(CallFailureText.encode(SQLiteWriter.restoredFailure)).add(since).add(state).run()
            count += try counted(from: state)
        }
        return count
    }

    /// Calls that would be sent again, of runs that were under way: what failed for the moment, what credentials kept
    /// from taking place, and what a person wanted to be tried once more.
    private func doubtCalls(now: Timestamp) throws -> Int {
        var count = 0
        for state in [EffectState.intended, .inFlight, .failed] {
            try Statement(
                """
                UPDATE outcome SET state = \(EffectState.unknown.code), settled_at = ?1, failure = ?2,
                    human_said_resend = 0
                WHERE state = ?3 AND delivery IS NULL
                    AND (failure IS NULL OR human_said_resend = 1 OR json_extract(failure, '$.retryable') = 1
                        OR json_extract(failure, '$.code') IN (?4, ?5))
                    AND effect IN (SELECT e.id FROM uncertain_origin u JOIN effect e ON e.origin = u.origin)
                """, on: connection
            ).add(now).add(CallFailureText.encode(SQLiteWriter.restoredFailure)).add(state)
                .add(CallFailure.unauthorizedCode).add(CallFailure.missingCredentialCode).run()
            count += try counted(from: state)
        }
        return count
    }

    /// A person's word is good for one sending, and that may have taken place after the backup: it is asked for again,
    /// also of what is over, which a replay would go on with. A refused call of a run whose time has not come may still
    /// be tried once more.
    private func takeBackWords(now: Timestamp) throws -> Int {
        try Statement(
            """
            UPDATE outcome SET human_said_resend = 0, settled_at = ?1, failure = ?2
            WHERE state = ?3 AND human_said_resend = 1
            """, on: connection
        ).add(now).add(CallFailureText.encode(SQLiteWriter.restoredFailure)).add(EffectState.unknown).run()
        return Connection.changes(connection)
    }

    /// Counts the effects that the last statement made unknown.
    private func counted(from state: EffectState) throws -> Int {
        let changes = Connection.changes(connection)
        counters.add(.effect(state), -changes)
        counters.add(.effect(.unknown), changes)
        return changes
    }

    /// Why an effect is unknown that an older database than the last one holds.
    static let restoredFailure = CallFailure(
        code: "restored", message: "the hub was restored from a backup; this may have been sent after it was made",
        isRetryable: true, outcome: .unknown)

    /// An effect that is not in the ledger, of an origin that was under way in a restored backup: as if it had been sent
    /// once, right after the backup.
    func doubted(_ outcome: Outcome, since: Timestamp, now: Timestamp) -> Outcome {
        var new = outcome
        new.state = .unknown
        new.sends = 1
        new.failure = SQLiteWriter.restoredFailure
        new.sentAt = since
        new.settledAt = now
        return new
    }
}
