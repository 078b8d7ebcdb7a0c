import GrapnelCore
import GrapnelSend

extension Observer {
    // MARK: The ledger

    func outcomeMade(_ change: Change) {
        let found = simulation.queries.effect.first(.identity(change.id)) { row in
            let known = KnownEffect(
                place: EffectPlace(origin: row.text(0), step: row.text(1)), isOutput: row.number(2) == 1,
                operation: row.text(3))
            return (known, row.text(4))
        }
        guard let (known, tenant) = found else {
            return fail(.oneConfirmedEffect, "effect \(change.id) has an outcome and no intent")
        }
        checkPauses(effect: change)
        let place = known.place
        require(
            tenant == runs[place.origin]?.tenant, .tenantsAreApart,
            "effect \(change.id) of \(tenant) was made by a run of \(runs[place.origin]?.tenant ?? "nobody")")
        simulation.note("effect \(change.id.suffix(8)) \(place.step) \(change.effect ?? -1)")
        require(
            places.insert(place).inserted, .oneConfirmedEffect,
            "(\(place.origin), \(place.step)) has two effects")
        effects[change.id] = known
        effects[change.id]?.planned = moment(in: max((change.dueAt ?? wall) - wall, 0))
        if known.isOutput { joins(change) }
    }

    func outcomeChanged(_ change: Change) {
        simulation.note(
            "effect \(change.id.suffix(8)) \(change.oldEffect ?? -1)→\(change.effect ?? -1) delivery "
                + "\(change.oldState ?? -1)→\(change.state ?? -1) sends \(change.sends)")
        checkPauses(effect: change)
        guard let known = effects[change.id] else { return }
        if change.oldEffect == 2, change.effect != 2 {
            fail(.nothingAfterConfirmed, "effect \(change.id) was confirmed and is \(change.effect ?? -1)")
        }
        if change.effect == 3, known.wasRefused { sent[known.place]?.wasRefused = true }
        // What the hub was told, and could not record, nobody knows any more.
        if change.effect == 4 {
            effects[change.id]?.wasRefused = false
            sent[known.place, default: Sent(clockJumps: simulation.clockJumps)].mayHaveArrivedBefore = true
        }
        let isAnswered = change.effect == 3 && change.oldState == Change.leased
        if change.state == Change.parked || isAnswered, let token = known.refusedToken {
            sent[known.place]?.refusedToken = token
        }
        if change.oldState == Change.parked, change.oldAttempts > 0, change.state == 0 || change.state == 1 {
            effects[change.id]?.wakes += 1
        }
        if change.effect == 2, change.oldEffect != 2 {
            require(
                sent[known.place].map { $0.wasConfirmed && $0.applied > 0 } ?? false || touched.contains(change.id),
                .outcomeIsTrue, "effect \(change.id) is confirmed, and it did not take place")
        }
        guard known.isOutput else { return }
        joins(change)
        checkTurn(change)
        checkLease(change, "output")
        checkCancelled(change, isRun: false)
        checkCounters(change, "output", most: 10 + (effects[change.id]?.wakes ?? 0))
        if Change.isTerminal(change.oldState), change.state != change.oldState {
            require(
                change.oldState != Change.succeeded && isTouched(change.id), .terminalStays,
                "output \(change.id) left state \(change.oldState ?? -1) for \(change.state ?? -1)")
        }
        guard change.oldState == Change.leased, change.state == 0 || change.state == 1,
            change.attempts > change.oldAttempts, let due = change.dueAt, let ended = known.answeredAt
        else { return }
        require(!known.wasRefused, .refusedIsNotRepeated, "output \(change.id) is tried again after a refusal")
        // Other credentials have come meanwhile: it is tried with them at once.
        guard known.refusedToken == nil else { return }
        // What can be looked up is, before it is tried again.
        let lookup = known.operation == "reconcile" && known.isUnknown ? SimulationPlan.minute : nil
        checkDelay(
            due - ended, attempts: change.attempts, retryAfter: lookup ?? known.retryAfter, "output \(change.id)")
    }

    func outputMade(_ change: Change) {
        guard let number = (change.text.flatMap { try? JSONParser.parse($0) })?["request"]?.integer,
            let sending = sendings[Int(number)], let known = effects[change.id],
            // It may have been deleted by the same commit.
            let now = ledger(known.place)
        else { return }
        let isOwn = known.isOutput ? now.fence == sending.fence : now.sends == sending.sends
        require(
            sending.effect == change.id && isOwn, .oldFenceChangesNothing,
            "effect \(change.id) was given the answer to an earlier sending")
    }

    /// How the ledger stands on an effect.
    private struct Standing {
        var effect: String
        var key: String
        var state: Int64
        var sends: Int64
        var fence: Int64
    }

    private func ledger(_ place: EffectPlace) -> Standing? {
        simulation.queries.ledger.first(.identity(place.origin), .text(place.step)) { row in
            Standing(
                effect: row.text(0), key: row.text(1), state: row.number(2) ?? -1, sends: row.number(3) ?? 0,
                fence: row.number(4) ?? 0)
        }
    }

    // MARK: What leaves

    /// A request is about to leave.
    func sending(_ request: EgressRequest, number: Int) -> Sending {
        let body = try? JSONParser.parse(request.body)
        let place = Observer.place(of: request)
        let operation = String(request.url.path.dropFirst())
        let key = request.headers.first("Grapnel-Effect") ?? ""
        var known = sent[place] ?? Sent(clockJumps: simulation.clockJumps)
        known.performed += 1
        known.keys.insert(key)
        known.numbers.insert(body?["number"]?.string ?? "")
        let standing = ledger(place)
        let isTouched = standing.map { self.isTouched($0.effect) } ?? false
        if let standing {
            require(
                Int64(known.performed) <= standing.sends, .begunBeforeSent,
                "\(place.step) was sent \(known.performed) times, and begun \(standing.sends) times")
            require(
                standing.state != 2 || isTouched, .nothingAfterConfirmed,
                "\(place.step) was sent after it was confirmed")
            require(
                standing.key == key, .oneKeyPerStep, "\(place.step) was sent under another key than it is kept with")
        } else {
            fail(.begunBeforeSent, "\(place.step) was sent before it was recorded")
        }
        require(known.numbers.count == 1, .oneInputPerStep, "\(place.step) was sent with different inputs")
        require(known.keys.count == 1, .oneKeyPerStep, "\(place.step) was sent under \(known.keys.count) keys")
        require(
            !known.wasRefused || isTouched, .refusedIsNotRepeated,
            "\(place.step) was sent again after the vendor had refused it for good")
        let token = SimulatedSecrets.number(in: request.headers.first("Authorization"))
        checkToken(token, of: place, isTouched: isTouched)
        if operation == "at_most_once" {
            require(
                !known.mayHaveArrived || known.resends > 0, .atMostOnce,
                "\(place.step) was sent again though it may have arrived")
        }
        known.mayHaveArrivedBefore = known.mayHaveArrivedBefore || known.mayHaveArrived
        known.mayHaveArrived = true
        sent[place] = known
        let sending = Sending(
            number: number, host: request.url.host, operation: operation, step: place.step, origin: place.origin,
            effect: standing?.effect ?? "", fence: standing?.fence ?? 0, sends: standing?.sends ?? 0,
            vendorKey: request.headers.first("Idempotency-Key") ?? "", token: token)
        if operation == "vendor_key" {
            require(sending.vendorKey == key, .oneKeyPerStep, "\(place.step) tells the vendor another key")
        }
        sendings[number] = sending
        if !known.mayHaveArrivedBefore { checkAge(sending) }
        return sending
    }

    /// The effect that a request is for.
    static func place(of request: EgressRequest) -> EffectPlace {
        let body = try? JSONParser.parse(request.body)
        return EffectPlace(origin: body?["origin"]?.string ?? "", step: body?["step"]?.string ?? "")
    }

    /// A vendor tells whether an effect took place.
    func lookedUp(_ place: EffectPlace) -> Bool {
        guard let known = sent[place], known.applied > 0 else { return false }
        sent[place]?.wasConfirmed = true
        return true
    }

    /// A vendor applies an effect.
    func applied(_ sending: Sending) {
        simulation.note("apply \(sending.number) \(sending.operation) \(sending.step)")
        var known = sent[sending.place] ?? Sent()
        known.applied += 1
        sent[sending.place] = known
        let allowed = 1 + known.resends
        switch sending.operation {
        case "at_most_once":
            require(
                known.applied <= allowed, .atMostOnce, "\(sending.step) took place \(known.applied) times")
        case "reconcile":
            // The hub knows by its wall clock when it may ask.
            require(
                known.applied <= allowed || known.clockJumps < simulation.clockJumps, .lookedUpBeforeAgain,
                "\(sending.step) took place \(known.applied) times")
        case "vendor_key":
            // The hub knows by its wall clock how long the vendor remembers, and leaves a tenth of that for errors.
            let isClockRight = simulation.setBack < 2 * SimulationPlan.hour
            require(
                known.applied <= allowed || !isClockRight, .oncePerKey,
                "\(sending.step) took place \(known.applied) times")
        default: break
        }
    }

    /// The hub has its answer.
    func answered(_ sending: Sending, _ result: Result<EgressResponse, EgressFailure>) {
        var known = sent[sending.place] ?? Sent()
        var retryAfter: Int64?
        var isRefused = false
        var refusedToken: Int?
        switch result {
        case .success(let response) where response.status < 300:
            known.wasConfirmed = true
        case .success(let response) where [429, 503].contains(response.status):
            known.mayHaveArrived = false
            retryAfter = response.headers.first("retry-after").flatMap { Int64($0) }.map { $0 * 1000 }
        case .success(let response) where [401, 403].contains(response.status):
            known.mayHaveArrived = false
            refusedToken = sending.token
        case .success(let response) where (400..<500).contains(response.status):
            known.mayHaveArrived = false
            isRefused = true
        case .success: break
        case .failure(let failure) where !failure.bytesLeft:
            // Nothing has left: the hub may take the sending back.
            known.mayHaveArrived = false
            known.performed -= 1
        case .failure: break
        }
        sent[sending.place] = known
        effects[sending.effect]?.answeredAt = wall
        effects[sending.effect]?.retryAfter = retryAfter
        effects[sending.effect]?.wasRefused = isRefused
        effects[sending.effect]?.refusedToken = refusedToken
        effects[sending.effect]?.isUnknown = known.mayHaveArrived && !known.wasConfirmed
    }

    /// A person decides about an effect.
    func decided(_ effect: String, isResend: Bool) {
        touched.insert(effect)
        guard let place = effects[effect]?.place else { return }
        sent[place, default: Sent()].wasRefused = false
        sent[place]?.refusedToken = nil
        if isResend { sent[place, default: Sent()].resends += 1 }
    }

    /// The hub has refused what a person wanted.
    func refusedDecision(_ effect: String, isResend: Bool) {
        guard isResend, let place = effects[effect]?.place else { return }
        sent[place]?.resends -= 1
    }

    /// A person has what is missing of a run done.
    func replayed(origin: String) {
        touched.insert(origin)
        for place in sent.keys where place.origin == origin {
            sent[place]?.wasRefused = false
            sent[place]?.refusedToken = nil
        }
    }
}
