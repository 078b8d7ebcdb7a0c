/// Carries what handlers want to the outside world. Run asks; Send implements it, with the ledger and the egress guard.
package protocol EffectBroker: Sendable {
    /// Performs an awaited operation, or returns what the ledger recorded of it on an earlier attempt. A call goes on
    /// and is recorded even when the task that awaits it is cancelled.
    func call(_ request: CallRequest) async -> CallAnswer

    /// Performs a plain request. It is not in the ledger: a retried run does it again.
    func fetch(_ request: FetchRequest) async -> Result<HTTPReply, CallFailure>

    /// Checks outputs against their operations and prepares their ledger rows. Reserves room to send for those that it
    /// marks `startNow`; `deliver` or `release` gives it back.
    ///
    /// - Throws: `AttemptFailure` of kind `badOutput` when an operation is unknown or an input does not fit its schema.
    func plan(_ outputs: [OutputRequest], of run: LeasedRun) throws(AttemptFailure) -> [OutputIntent]

    /// Sends outputs that were committed already leased; returns at once.
    func deliver(_ outputs: [LeasedOutput])

    /// Gives back the room of planned outputs whose commit did not take place.
    func release(_ outputs: [OutputIntent])

    /// A digest of each connection's settings and credentials, by name, as what begins now is sent with.
    var credentials: [String: [UInt8]] { get }
}
