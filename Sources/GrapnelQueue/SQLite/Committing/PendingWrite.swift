/// A write that waits for the writer thread, and its caller with it.
protocol PendingWrite: AnyObject, Sendable {
    /// How much of the bounds of the backlog and of a commit it takes.
    var bytes: Int { get }
    /// Makes its changes in the open transaction and keeps what came of it; throws what went wrong.
    func attempt(_ writer: SQLiteWriter) throws
    /// Keeps what went wrong as what came of it.
    func refuse(_ error: QueueError)
    /// Answers the caller with what came of it: after the commit.
    func finish()
    /// Answers the caller that nothing was kept.
    func fail(_ error: QueueError)
}
