/// Takes runs that were committed already leased. Ingest reserves, commits, then starts; Run implements it.
package protocol RunStarting: Sendable {
    /// Sets a place aside for one run of `recipe`; `false` when the run must wait in the queue. A reservation is used
    /// up by `start` or given back by `release`.
    func reserve(recipe: String) -> Bool
    /// Gives back a reservation that was not used.
    func release(recipe: String)
    /// Starts a leased run on its reservation; returns at once.
    func start(_ run: LeasedRun)
    /// The synchronous reply of a run that is about to start or running; `nil` when `within` has passed, or when the
    /// run failed. May be called before `start`.
    func reply(to run: Identifier<Run>, within: Duration) async -> HTTPReply?
}
