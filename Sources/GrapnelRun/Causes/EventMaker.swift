package import GrapnelCore
import GrapnelCrypto
package import GrapnelQueue

/// Makes the events that the hub stores without a request from outside: as an accepted request that nobody sent, so
/// that everything that reads requests, events and runs goes on as it is.
package struct EventMaker: Sendable {
    /// The method of a request that nobody sent.
    package static let method = "EMIT"

    /// How long an emission is remembered: as long as the runs that may repeat it, which take it along when they go.
    private static let forever = Duration.milliseconds(Int64.max)

    /// How long the delivery of a tick is remembered: longer than its schedule's mark may be ahead of the clock
    /// (`ScheduleAlignment.greatestLead`), which guards it from then on. Default 2 d.
    private static let tickWindow = Duration.seconds(2 * 86_400)

    private let matcher: any RecipeMatching
    private let ids: IdentifierGenerator
    private let clock: any HubClock

    package init(matcher: any RecipeMatching, ids: IdentifierGenerator, clock: any HubClock) {
        self.matcher = matcher
        self.ids = ids
        self.clock = clock
    }

    /// The event that a run emitted. The delivery id is made of the origin and the step, so that a repetition of the
    /// run emits it once.
    package func event(_ emission: EventEmission, by leased: LeasedRun) -> AcceptedRequest {
        let now = clock.now()
        let event = event(
            source: Event.source(ofRecipe: leased.run.recipe), type: emission.type, body: emission.data,
            deliveryID: "\(leased.run.origin)/\(emission.step)", tenant: leased.run.tenant, now: now,
            cause: leased.run.id, depth: leased.event.depth + 1)
        let dueAt = emission.at ?? (emission.delay > .zero ? now + emission.delay : nil)
        return accepted(event, body: emission.data, fingerprint: event.raw, dueAt: dueAt, window: EventMaker.forever)
    }

    /// The event of a notice. Notices of one delivery id are one, whatever they say.
    package func notice(
        _ kind: NoticeKind, body: JSON, deliveryID: String, window: Duration
    ) -> AcceptedRequest {
        let event = event(
            source: Event.hubSource, type: "notice.\(kind.rawValue)", body: body, deliveryID: deliveryID,
            tenant: .default, now: clock.now())
        return accepted(event, body: body, fingerprint: Array(deliveryID.utf8), window: window)
    }

    /// The event of a tick of a recipe's schedule. A tick is one, however many were missed before it.
    package func tick(of recipe: String, body: JSON, deliveryID: String) -> AcceptedRequest {
        let event = event(
            source: Event.source(ofSchedulesOf: recipe), type: ScheduleTick.type, body: body, deliveryID: deliveryID,
            tenant: .default, now: clock.now())
        return accepted(event, body: body, fingerprint: Array(deliveryID.utf8), window: EventMaker.tickWindow)
    }

    /// The event of a run that a person planned for a moment; other recipes have no part in it. It is remembered until
    /// that moment has passed.
    package func planned(
        _ run: Identifier<Run>, of recipe: String, version: RecipeVersion, at: Timestamp, body: JSON
    ) -> AcceptedRequest {
        let event = event(
            source: Event.source(ofSchedulesOf: recipe), type: ScheduleTick.plannedType, body: body,
            deliveryID: run.description, tenant: .default, now: clock.now())
        let window = max(at - event.receivedAt, .zero) + EventMaker.tickWindow
        var accepted = accepted(event, body: body, fingerprint: event.raw, window: window)
        let new = AcceptedRequest.NewRun(id: run, recipe: recipe, version: version, startNow: false, dueAt: at)
        for index in accepted.events.indices { accepted.events[index].runs = [new] }
        return accepted
    }

    private func event(
        source: String, type: String, body: JSON, deliveryID: String, tenant: TenantID, now: Timestamp,
        cause: Identifier<Run>? = nil, depth: Int = 0
    ) -> Event {
        Event(
            id: ids.next(), tenant: tenant, source: source, type: type, deliveryID: deliveryID, receivedAt: now,
            headers: HeaderFields([("Content-Type", "application/json")]), query: "", raw: JSONWriter.bytes(body),
            bodyKind: .json, cause: cause, depth: depth)
    }

    private func accepted(
        _ event: Event, body: JSON, fingerprint: [UInt8], dueAt: Timestamp? = nil, window: Duration
    ) -> AcceptedRequest {
        let runs = matcher.matches(for: event, body: body).map { match in
            AcceptedRequest.NewRun(
                id: ids.next(), recipe: match.recipe, version: match.version, startNow: false, flow: match.flow,
                dueAt: dueAt)
        }
        let request = InboundRequest(
            method: EventMaker.method, url: event.source, query: event.query, headers: event.headers, body: event.raw,
            peer: "", receivedAt: event.receivedAt)
        return AcceptedRequest(
            id: ids.next(), tenant: event.tenant, source: event.source, request: request, verdict: .internal,
            events: [
                AcceptedRequest.NewEvent(event: event, fingerprint: Digest.hash(fingerprint, .sha256), runs: runs)
            ],
            // Nothing of it starts leased.
            dedupeWindow: window, lease: .zero)
    }
}
