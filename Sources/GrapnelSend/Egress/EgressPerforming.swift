/// Carries requests out. `EgressClient` is the one that does; whoever has no network brings another.
package protocol EgressPerforming: Sendable {
    /// Sends a request and waits for the complete answer, an answer of any status. Cancelling the task changes nothing:
    /// what has been sent is known only when its answer is.
    func perform(_ request: EgressRequest) async -> Result<EgressResponse, EgressFailure>

    /// Ends what is under way and refuses what comes after, whoever still waits.
    func stop()
}
