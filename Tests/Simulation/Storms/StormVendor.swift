import GrapnelCore
import GrapnelSend
import TestSupport

/// The vendors of a storm. That of the crowd is down for a while, and then takes so many requests a second; that of the
/// others is always well. Its log is what a vendor sees of the hub.
///
/// Unchecked: there is one thread.
final class StormVendor: EgressPerforming, @unchecked Sendable {
    /// A request of the crowd, since its vendor is back.
    struct Entry {
        var at: Int64
        var isTaken: Bool
    }

    private let plan: StormPlan
    private let thread: SimulatedThread
    private let random: SeededRandomSource
    private(set) var log: [Entry] = []
    /// When the last requests were taken, as many as the capacity.
    private var taken: [Int64] = []
    private var oldest = 0

    init(_ plan: StormPlan, thread: SimulatedThread, random: SeededRandomSource) {
        self.plan = plan
        self.thread = thread
        self.random = random
        taken = [Int64](repeating: -SimulationPlan.day, count: plan.vendorCapacity)
    }

    func stop() {}

    func perform(_ request: EgressRequest) async -> Result<EgressResponse, EgressFailure> {
        let isOfCrowd = request.url.host == StormDefinitions.host(StormDefinitions.crowd)
        // What a vendor decides when a request comes is what its log says, however long the answer takes.
        let answer = isOfCrowd ? answer(isProbe: request.method == "HEAD") : .success(EgressResponse(status: 200))
        await wait(random.within(plan.vendorTime))
        return answer
    }

    private func answer(isProbe: Bool) -> Result<EgressResponse, EgressFailure> {
        let now = thread.now
        if now < plan.outage {
            switch plan.refusal {
            case .tooMany: return .failure(EgressFailure(.connectFailed, "nobody is there"))
            case .unavailable: return .success(EgressResponse(status: 503))
            }
        }
        if isProbe { return .success(EgressResponse(status: 200)) }
        let isTaken = taken[oldest] <= now - SimulationPlan.second
        log.append(Entry(at: now, isTaken: isTaken))
        if isTaken {
            taken[oldest] = now
            oldest = (oldest + 1) % taken.count
            return .success(EgressResponse(status: 200))
        }
        switch plan.refusal {
        case .tooMany(let choices):
            let seconds = random.pick(choices) ?? 1
            return .success(EgressResponse(status: 429, headers: HeaderFields([("retry-after", "\(seconds)")])))
        case .unavailable: return .success(EgressResponse(status: 503))
        }
    }

    private func wait(_ time: Int64) async {
        let thread = thread
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            thread.after(time, .hub) { continuation.resume() }
        }
    }
}
