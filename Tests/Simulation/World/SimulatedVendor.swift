import GrapnelCore
import GrapnelSend
import TestSupport

/// The vendors: they apply effects, count them by key, and answer badly.
///
/// Unchecked: there is one thread.
final class SimulatedVendor: EgressPerforming, @unchecked Sendable {
    /// How long a vendor that knows keys remembers one.
    private static let keyMemory = 24 * SimulationPlan.hour
    private static let firstByte: Int64 = 15 * SimulationPlan.second

    private unowned let simulation: Simulation
    private let random: SeededRandomSource
    /// When a key was applied, by operation and key; the vendor's own memory.
    private var applied: [String: Int64] = [:]
    private var offline: [String: Int64] = [:]
    private var requests = 0
    /// Requests under way, by host.
    private var underWay: [String: Int] = [:]
    /// Requests under way, by host and group.
    private var underWayOfGroup: [String: Int] = [:]
    private var isStopped = false
    /// The token that each host takes.
    private var tokens: [String: Int] = [:]

    init(_ simulation: Simulation, random: SeededRandomSource) {
        self.simulation = simulation
        self.random = random
    }

    /// Takes a host off the network until `time`.
    func unplug(_ host: String, until time: Int64) { offline[host] = time }

    /// The host takes no token any more but this one.
    func want(token: Int, _ host: String) { tokens[host] = token }

    private func refuses(_ request: EgressRequest) -> Bool {
        SimulatedSecrets.number(in: request.headers.first("Authorization")) != tokens[request.url.host, default: 0]
    }

    /// A hub has started, and its requests are sent again.
    func restart() {
        isStopped = false
        underWay = [:]
        underWayOfGroup = [:]
    }

    func stop() { isStopped = true }

    func perform(_ request: EgressRequest) async -> Result<EgressResponse, EgressFailure> {
        let isReachable = offline[request.url.host, default: 0] <= simulation.thread.now
        // One that only asks whether anybody is there is no effect.
        if request.method == "HEAD" {
            simulation.note("probe of \(request.url.host), \(isReachable ? "reachable" : "not reachable")")
            await wait(random.within(1...50))
            return isReachable
                ? .success(EgressResponse(status: 200)) : .failure(EgressFailure(.connectFailed, "nobody is there"))
        }
        if request.url.path == "/\(SimulatedDefinitions.lookup)" {
            return await find(request, isReachable: isReachable)
        }
        requests += 1
        let number = requests
        let sending = simulation.observer.sending(request, number: number)
        if isStopped { return .failure(EgressFailure(.stopped, "the hub stops")) }
        let answer = simulation.isCalm ? .confirm : simulation.plan.answer(random)
        simulation.note(
            "request \(number) \(sending.operation) \(sending.step) \(isReachable ? "\(answer)" : "offline")")
        let host = request.url.host
        underWay[host, default: 0] += 1
        simulation.observer.require(
            underWay[host, default: 0] <= simulation.plan.concurrency, .limitsAreKept,
            "\(host) has \(underWay[host, default: 0]) requests at a time")
        let group = simulation.observer.groups[sending.place].map { "\(host) \($0)" } ?? ""
        underWayOfGroup[group, default: 0] += 1
        simulation.observer.checkKey(sending, underWay: underWayOfGroup[group, default: 0])
        let result =
            isReachable && refuses(request)
            ? await refuse() : await respond(to: request, sending, isReachable ? answer : .unreachable, number)
        underWay[host, default: 0] -= 1
        underWayOfGroup[group, default: 0] -= 1
        simulation.observer.answered(sending, result)
        return result
    }

    /// Tells whether an effect took place, if it tells anything.
    private func find(_ request: EgressRequest, isReachable: Bool) async -> Result<EgressResponse, EgressFailure> {
        let place = Observer.place(of: request)
        if isStopped { return .failure(EgressFailure(.stopped, "the hub stops")) }
        let answer = simulation.isCalm ? .confirm : simulation.plan.answer(random)
        simulation.note("look-up of \(place.step) \(isReachable ? "\(answer)" : "offline")")
        func response(_ status: Int, _ body: JSON) -> Result<EgressResponse, EgressFailure> {
            .success(
                EgressResponse(
                    status: status, headers: HeaderFields([("content-type", "application/json")]),
                    body: JSONWriter.bytes(body)))
        }
        await wait(random.within(1...400))
        guard isReachable else { return .failure(EgressFailure(.connectFailed, "nobody is there")) }
        if refuses(request) { return response(401, ["error": "who are you?"]) }
        switch answer {
        case .confirm, .late, .applyLater:
            let isFound = simulation.observer.lookedUp(place)
            return !isFound && random.chance(0.5)
                ? response(404, ["error": "there is none"]) : response(200, ["found": .bool(isFound)])
        case .hang, .applyAndHang:
            await wait(SimulatedVendor.firstByte)
            return .failure(EgressFailure(.timeout, "the look-up took too long", bytesLeft: true))
        case .applyAndReset: return .failure(EgressFailure(.connectionLost, "it was lost", bytesLeft: true))
        case .limited: return response(429, ["error": "too many"])
        case .refuse: return response(400, ["error": "no such question"])
        case .unreachable, .unresolved: return .failure(EgressFailure(.connectFailed, "nobody is there"))
        case .applyAnd500, .fail500, .unavailable: return response(500, ["error": "a fault"])
        }
    }

    private func refuse() async -> Result<EgressResponse, EgressFailure> {
        await wait(random.within(1...200))
        return .success(EgressResponse(status: random.pick([401, 401, 403]) ?? 401))
    }

    private func respond(
        to request: EgressRequest, _ sending: Observer.Sending, _ answer: SimulationPlan.Answer, _ number: Int
    ) async -> Result<EgressResponse, EgressFailure> {
        let limit = min((request.timeout ?? .seconds(30)).milliseconds, SimulatedVendor.firstByte)
        let quick = min(random.within(1...400), max(limit - 1, 1))
        func response(_ status: Int, _ fields: [(String, String)] = []) -> Result<EgressResponse, EgressFailure> {
            let body = JSONWriter.bytes(["request": .integer(Int64(number))])
            let type = [("content-type", "application/json")]
            return .success(EgressResponse(status: status, headers: HeaderFields(type + fields), body: body))
        }
        func failure(_ code: EgressFailure.Code, sent: Bool) -> Result<EgressResponse, EgressFailure> {
            .failure(EgressFailure(code, "request \(number)", bytesLeft: sent))
        }
        switch answer {
        case .confirm:
            await wait(quick / 2)
            apply(sending)
            await wait(quick - quick / 2)
            return response(200)
        case .applyAndHang:
            apply(sending)
            await wait(limit)
            return failure(.timeout, sent: true)
        case .hang:
            await wait(limit)
            return failure(.timeout, sent: true)
        case .applyAndReset:
            apply(sending)
            await wait(quick)
            return failure(.connectionLost, sent: true)
        case .applyAnd500:
            apply(sending)
            await wait(quick)
            return response(500)
        case .fail500:
            await wait(quick)
            return response(502)
        case .limited:
            await wait(quick)
            return response(429, [("retry-after", "\(random.pick([1, 30, 600, 7200]) ?? 1)")])
        case .unavailable:
            await wait(quick)
            return response(503, [("retry-after", "\(random.pick([2, 60, 3600]) ?? 2)")])
        case .refuse:
            await wait(quick)
            return response(random.pick([400, 404, 422]) ?? 400)
        case .unreachable:
            await wait(min(limit, random.pick([1, 5000]) ?? 1))
            return failure(.connectFailed, sent: false)
        case .unresolved:
            await wait(quick)
            return failure(.nameNotResolved, sent: false)
        case .late:
            apply(sending)
            await wait(max(limit - random.within(1...1000), 1))
            return response(200)
        case .applyLater:
            // What can be looked up is looked up after a minute, and what is not there then never took place.
            let most = sending.operation == "reconcile" ? SimulationPlan.minute - limit - SimulationPlan.second : 60_000
            simulation.thread.after(limit + random.within(1...most), .world) { [self] in apply(sending) }
            await wait(limit)
            return failure(.timeout, sent: true)
        }
    }

    private func apply(_ sending: Observer.Sending) {
        let now = simulation.thread.now
        if sending.operation == "vendor_key" {
            let name = "\(sending.host) \(sending.vendorKey)"
            if let earlier = applied[name], now - earlier < SimulatedVendor.keyMemory { return }
            applied[name] = now
        }
        simulation.observer.applied(sending)
    }

    /// The answer is the hub's to wait for: it dies with it.
    private func wait(_ time: Int64) async {
        let thread = simulation.thread
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            thread.after(time, .hub) { continuation.resume() }
        }
    }
}
