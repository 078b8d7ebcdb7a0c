package import GrapnelCore
import GrapnelCrypto
import GrapnelFormat
package import GrapnelQueue
package import Logging

/// Applies a decision: stores, starts, answers. The one place where a verified request becomes events.
package struct IngestPipeline: Sendable {
    let queue: any QueueWriter & QueueReader
    let matcher: any RecipeMatching
    let runs: any RunStarting
    let ids: IdentifierGenerator
    let clock: any HubClock
    let limits: IngestLimits
    let budget: RejectionBudget
    let unkept: RejectionCounter
    let clocks: ReplayClocks
    let logger: Logger

    /// - Parameters:
    ///   - queue: Where events are stored.
    ///   - matcher: Which recipes want an event.
    ///   - runs: Who starts runs that were committed leased.
    ///   - unkept: Counts the rejected requests that were too many to be kept.
    package init(
        queue: any QueueWriter & QueueReader, matcher: any RecipeMatching, runs: any RunStarting,
        ids: IdentifierGenerator, clock: any HubClock, limits: IngestLimits = IngestLimits(),
        unkept: RejectionCounter = RejectionCounter(), logger: Logger
    ) {
        self.queue = queue
        self.matcher = matcher
        self.runs = runs
        self.ids = ids
        self.clock = clock
        self.limits = limits
        budget = RejectionBudget(perSecond: limits.rejectionsPerSecond, clock: clock)
        self.unkept = unkept
        clocks = ReplayClocks(clock: clock, logger: logger)
        self.logger = logger
    }

    /// The answer to a request that arrived whole.
    package func answer(to request: InboundRequest, of source: Source) async -> HTTPReply {
        switch clocks.decision(on: request, of: source, limits: limits) {
        case .handshake(let reply): return reply
        case .refuse(let problem): return problem.reply
        case .reject(let kind):
            await record(kind, source.redaction.apply(to: request), source)
            return IngestProblem.rejected(kind).reply
        case .accept(let verdict, let drafts):
            return await accept(drafts, verdict, source.redaction.apply(to: request), source)
        }
    }

    private func record(_ kind: RejectionKind, _ request: InboundRequest, _ source: Source) async {
        guard budget.take() else { return unkept.add(kind) }
        let problem = IngestProblem.rejected(kind)
        let rejection = RejectedRequest(
            id: ids.next(), tenant: .default, source: source.name, request: request, kind: kind,
            detail: problem.detail)
        do {
            try await queue.record(rejection)
        } catch {
            logger.warning("a rejected request was not kept", metadata: ["error": "\(error)"])
        }
    }

    private func accept(
        _ drafts: [EventDraft], _ verdict: Verdict, _ request: InboundRequest, _ source: Source
    ) async -> HTTPReply {
        var events: [AcceptedRequest.NewEvent] = []
        var replying: (event: Int, run: Identifier<Run>, policy: ReplyPolicy)?
        var reserved: [Identifier<Run>: String] = [:]
        for draft in drafts {
            let event = Event(
                id: ids.next(), tenant: .default, source: source.name, type: draft.type,
                deliveryID: draft.deliveryID, receivedAt: request.receivedAt, headers: request.headers,
                query: request.query, raw: request.body, bodyKind: draft.bodyKind, value: draft.value,
                parseError: draft.parseError)
            let matches = matcher.matches(for: event, body: draft.body)
            let wanted = matches.map { match in
                let run: Identifier<Run> = ids.next()
                let startsNow = match.flow.mayStartAtOnce && runs.reserve(recipe: match.recipe)
                if startsNow { reserved[run] = match.recipe }
                if replying == nil, let policy = match.reply { replying = (events.count, run, policy) }
                return AcceptedRequest.NewRun(
                    id: run, recipe: match.recipe, version: match.version, startNow: startsNow, flow: match.flow)
            }
            events.append(
                AcceptedRequest.NewEvent(
                    event: event, fingerprint: Digest.hash(draft.value ?? request.body, .sha256), runs: wanted))
        }
        let accepted = AcceptedRequest(
            id: ids.next(), tenant: .default, source: source.name, request: request, verdict: verdict, events: events,
            dedupeWindow: source.dedupe, lease: limits.lease)
        let result: AcceptedResult
        do {
            result = try await queue.accept(accepted)
        } catch {
            for recipe in reserved.values { runs.release(recipe: recipe) }
            logger.warning("an event was not stored", metadata: ["error": "\(error)"])
            return IngestProblem.unavailable(limits.retryAfter).reply
        }
        CrashPoint.beforeAnswer.pass()
        for run in result.leased {
            reserved[run.run.id] = nil
            runs.start(run)
        }
        for recipe in reserved.values { runs.release(recipe: recipe) }
        if let replying {
            if result.held.contains(replying.run) { return replying.policy.otherwise }
            return await reply(of: replying.run, replying.policy, result.dispositions[replying.event])
        }
        return acknowledgement(events, result, request, source)
    }

    /// The synchronous answer; a duplicate gets the first one's.
    private func reply(
        of run: Identifier<Run>, _ policy: ReplyPolicy, _ disposition: AcceptedResult.Disposition
    ) async -> HTTPReply {
        let first: Identifier<Event>
        switch disposition {
        case .stored: return await runs.reply(to: run, within: policy.within) ?? policy.otherwise
        // It has no run that could reply, until a person releases it.
        case .conflict: return policy.otherwise
        case .duplicate(let event): first = event
        }
        if let stored = try? await queue.reply(to: first) { return stored }
        guard let original = try? await queue.runs(of: first).first(where: { !$0.state.isTerminal }) else {
            return policy.otherwise
        }
        if let reply = await runs.reply(to: original.id, within: policy.within) { return reply }
        return (try? await queue.reply(to: first)) ?? policy.otherwise
    }

    private func acknowledgement(
        _ events: [AcceptedRequest.NewEvent], _ result: AcceptedResult, _ request: InboundRequest, _ source: Source
    ) -> HTTPReply {
        if let answer = source.provider.answer, answer.body != nil || answer.type != nil || answer.status != 202,
            let reply = HTTPReply(answer, RequestScope(request))
        {
            return reply
        }
        let ids = zip(events, result.dispositions).map { event, disposition in
            if case .duplicate(let first) = disposition { return JSON.string(first.description) }
            return JSON.string(event.event.id.description)
        }
        let document: JSON =
            source.provider.event.each == nil ? ["event": ids.first ?? .null] : ["events": .array(ids)]
        return HTTPReply(
            status: 202, headers: HeaderFields([("content-type", "application/json")]),
            body: JSONWriter.bytes(document))
    }
}
