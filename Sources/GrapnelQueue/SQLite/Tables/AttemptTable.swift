import GrapnelCore

/// Attempts of runs and outputs, each narrow; the lines of a log lie apart.
struct AttemptTable {
    /// What `decode` takes, in its order.
    static let columns = """
        a.ordinal, a.started_at, a.took, a.failure_kind, a.failure_message, a.failure_stack, a.failure_retryable, \
        a.failure_retry_after, a.version, a.cold_start, a.status, (SELECT lines FROM log WHERE number = a.log)
        """

    private let connection: OpaquePointer
    private let insertion: Statement
    private let logInsertion: Statement
    private let logDeletion: Statement
    private let deletion: Statement

    init(_ connection: OpaquePointer) throws {
        self.connection = connection
        insertion = try Statement(
            """
            INSERT OR REPLACE INTO attempt (subject, started_at, ordinal, took, version, cold_start, status,
                failure_kind, failure_message, failure_stack, failure_retryable, failure_retry_after, log)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, on: connection)
        logInsertion = try Statement("INSERT INTO log (lines) VALUES (?)", on: connection)
        logDeletion = try Statement(
            "DELETE FROM log WHERE number IN (SELECT log FROM attempt WHERE subject = ? AND log IS NOT NULL)",
            on: connection)
        deletion = try Statement("DELETE FROM attempt WHERE subject = ?", on: connection)
    }

    /// Keeps an attempt of a run or of an output.
    func insert<Subject>(_ attempt: Attempt, of subject: Identifier<Subject>) throws {
        var log: Int?
        if !attempt.log.isEmpty {
            try logInsertion.run(adding: LogText.encode(attempt.log))
            log = Int(Connection.lastNumber(connection))
        }
        insertion.add(subject).add(attempt.startedAt).add(attempt.ordinal).add(attempt.took.nanoseconds)
            .add(attempt.version).add(attempt.coldStart.map { $0 ? 1 : 0 }).add(attempt.status)
        if let failure = attempt.failure {
            insertion.add(failure.kind).add(failure.message).add(failure.stack).add(failure.isRetryable)
                .add(failure.retryAfter.map { Int($0.milliseconds) })
        } else {
            insertion.addNull().addNull().addNull().addNull().addNull()
        }
        try insertion.add(log).run()
    }

    /// Deletes the attempts of a run or an output; returns how many there were.
    func delete<Subject>(of subject: Identifier<Subject>) throws -> Int {
        try logDeletion.add(subject).run()
        try deletion.add(subject).run()
        return Connection.changes(connection)
    }

    /// The attempt in `columns`.
    static func decode(_ row: Statement) throws -> Attempt {
        let ordinal = row.count()
        let startedAt = row.timestamp()
        let took = Duration.nanoseconds(row.integer())
        var failure: AttemptFailure?
        if let kind = try row.optionalCode(AttemptFailureKind.self) {
            failure = AttemptFailure(
                kind, row.text(), stack: row.optionalText(), isRetryable: row.flag(),
                retryAfter: row.optionalInteger().map { .milliseconds($0) })
        } else {
            row.skip(4)
        }
        return Attempt(
            ordinal: ordinal, startedAt: startedAt, took: took, failure: failure, version: row.optionalVersion(),
            coldStart: row.optionalFlag(), status: row.optionalCount(),
            log: try row.optionalBytes().map(LogText.decode) ?? [])
    }
}

extension Duration {
    /// Whole nanoseconds; stops at the ends of `Int64`.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }
}
