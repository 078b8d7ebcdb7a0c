package import GrapnelCore

/// The end of an attempt of a run.
package struct RunFinish: Sendable {
    package var run: Identifier<Run>
    package var fence: Int64
    package var decision: WorkDecision
    /// With `.park`: the connection whose resumption makes the run go on by itself; empty for the end of being offline.
    package var waitsFor: String?
    /// With `.park(.connectionUnauthorized)`: the digest of the credentials that `waitsFor` was asked with. The run goes
    /// on at once when that connection has others by now.
    package var credentials: [UInt8]?
    /// The counters with this attempt counted.
    package var counters: WorkCounters
    /// The attempt to keep; `nil` when the run was only handed back.
    package var attempt: Attempt?
    /// Without an attempt: why the run did not start, kept as its error; `nil` keeps its last error.
    package var reason: String?
    /// The version that ran, kept on the run.
    package var version: RecipeVersion
    /// What the handler returned, as JSON text.
    package var result: [UInt8]?
    /// The synchronous reply, kept for duplicates of the event.
    package var reply: HTTPReply?
    /// Outputs and store writes are committed only with `.succeed`.
    package var outputs: [OutputIntent]
    package var keyValues: [KeyValueWrite]
    /// The events that the run emitted, committed only with `.succeed`; one that an earlier attempt or run of its line
    /// of replays has emitted is not stored again.
    package var emitted: [AcceptedRequest]
    /// The lease of the outputs that start now. Default 60 s.
    package var outputLease: Duration

    package init(
        run: Identifier<Run>, fence: Int64, decision: WorkDecision, counters: WorkCounters, attempt: Attempt?,
        reason: String? = nil, version: RecipeVersion, result: [UInt8]? = nil, reply: HTTPReply? = nil,
        outputs: [OutputIntent] = [],
        keyValues: [KeyValueWrite] = [], emitted: [AcceptedRequest] = [], outputLease: Duration = .seconds(60),
        waitsFor: String? = nil, credentials: [UInt8]? = nil
    ) {
        self.credentials = credentials
        self.waitsFor = waitsFor
        self.run = run
        self.fence = fence
        self.decision = decision
        self.counters = counters
        self.attempt = attempt
        self.reason = reason
        self.version = version
        self.result = result
        self.reply = reply
        self.outputs = outputs
        self.keyValues = keyValues
        self.emitted = emitted
        self.outputLease = outputLease
    }
}
