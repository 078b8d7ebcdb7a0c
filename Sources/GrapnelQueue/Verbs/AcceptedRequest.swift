package import GrapnelCore

/// A verified request and what it becomes: the parameter of `QueueWriter.accept`.
package struct AcceptedRequest: Sendable {
    /// An event to store, unless its delivery id is known.
    package struct NewEvent: Sendable {
        package var event: Event
        /// SHA-256 of the body: tells a repeated delivery from a conflict.
        package var fingerprint: [UInt8]
        /// One run for each recipe that wants the event.
        package var runs: [NewRun]

        package init(event: Event, fingerprint: [UInt8], runs: [NewRun]) {
            self.event = event
            self.fingerprint = fingerprint
            self.runs = runs
        }
    }

    /// A run to make with its event.
    package struct NewRun: Sendable {
        package var id: Identifier<Run>
        package var recipe: String
        package var version: RecipeVersion
        /// Whether a place is reserved for it on this node: it is then inserted already leased.
        package var startNow: Bool
        /// When it may start among the others of its recipe; one that may not start yet waits, place or not.
        package var flow: RunFlow
        /// Before when it is not due; `nil`: at once.
        package var dueAt: Timestamp?

        package init(
            id: Identifier<Run>, recipe: String, version: RecipeVersion, startNow: Bool, flow: RunFlow = .free,
            dueAt: Timestamp? = nil
        ) {
            self.id = id
            self.recipe = recipe
            self.version = version
            self.startNow = startNow
            self.flow = flow
            self.dueAt = dueAt
        }
    }

    package var id: Identifier<InboundRequest>
    package var tenant: TenantID
    package var source: String
    package var request: InboundRequest
    package var verdict: Verdict
    package var events: [NewEvent]
    /// How long a delivery id is remembered. Default 7 d.
    package var dedupeWindow: Duration
    /// The lease of the runs that start now. Default 30 s.
    package var lease: Duration

    package init(
        id: Identifier<InboundRequest>, tenant: TenantID, source: String, request: InboundRequest, verdict: Verdict,
        events: [NewEvent], dedupeWindow: Duration, lease: Duration
    ) {
        self.id = id
        self.tenant = tenant
        self.source = source
        self.request = request
        self.verdict = verdict
        self.events = events
        self.dedupeWindow = dedupeWindow
        self.lease = lease
    }
}
