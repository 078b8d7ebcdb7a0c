import GrapnelCore
import GrapnelQueue
import TestSupport

/// A queue on a disk that may fail, what was put into it, and how that was answered.
final class Trial {
    /// What became of an event that was offered.
    enum Answer {
        case accepted
        case refused(QueueError)
    }

    static let limits = QueueLimits(logSize: .kibibytes(64))

    let disk: FaultyDisk?
    let path: String
    let limits: QueueLimits
    let clock = ManualClock()
    let ids: IdentifierGenerator
    private(set) var items: [(item: Item, answer: Answer)] = []

    /// On a disk of its own.
    init(limits: QueueLimits = Trial.limits) throws {
        let disk = try FaultyDisk()
        self.disk = disk
        self.limits = limits
        path = disk.path
        ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 5))
    }

    /// In a folder that is there.
    init(folder: String, limits: QueueLimits = Trial.limits) {
        disk = nil
        self.limits = limits
        path = "\(folder)/grapnel.db"
        ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 5))
    }

    func open() async throws -> SQLiteQueue {
        try await Workload.open(path, clock: clock, limits: limits)
    }

    /// An event that two recipes want, with a body of so many bytes.
    func request(bytes: Int) -> (Item, AcceptedRequest) {
        let number = items.count
        let request = InboundRequest(
            method: "POST", url: "https://hub.example/hooks/crm", query: "",
            headers: HeaderFields([("X-Kind", "test")]),
            body: [UInt8](repeating: 0x78, count: bytes), peer: "192.0.2.1", receivedAt: clock.now())
        let event = Event(
            id: ids.next(), tenant: .default, source: "crm", type: "contact.creation",
            deliveryID: "\(ids.next(Event.self))",
            receivedAt: request.receivedAt, headers: request.headers, query: "", raw: request.body, bodyKind: .text)
        let runs = ["first", "second"].map { recipe in
            AcceptedRequest.NewRun(
                id: ids.next(), recipe: recipe, version: RecipeVersion(String(repeating: "0af9", count: 16)),
                startNow: false)
        }
        let accepted = AcceptedRequest(
            id: ids.next(), tenant: .default, source: "crm", request: request,
            verdict: Verdict(scheme: "sha256", secretName: "CRM", secretVersion: "ab12"),
            events: [.init(event: event, fingerprint: [UInt8](repeating: 1, count: 32), runs: runs)],
            dedupeWindow: .seconds(604_800), lease: .seconds(30))
        return (Item(number: number, event: event.id), accepted)
    }

    /// Offers one event; what is not a `QueueError` is thrown.
    @discardableResult
    func offer(_ queue: SQLiteQueue, bytes: Int = 3000) async throws -> Answer {
        let (item, accepted) = request(bytes: bytes)
        let answer: Answer
        do {
            _ = try await queue.accept(accepted)
            answer = .accepted
        } catch let error as QueueError {
            answer = .refused(error)
        }
        items.append((item, answer))
        return answer
    }

    /// Whether the last event that was offered was accepted.
    var isAccepting: Bool {
        guard case .accepted? = items.last?.answer else { return false }
        return true
    }

    var refusals: [QueueError] {
        items.compactMap { item in
            guard case .refused(let error) = item.answer else { return nil }
            return error
        }
    }

    /// What is not as it was answered: an event that was accepted and is not there with its two runs, or one that was
    /// refused and is there. With `allowingUnknown`, a refused one may be there: its sync failed.
    func lies(_ queue: SQLiteQueue, allowingUnknown: Bool = false) async throws -> [String] {
        var lies: [String] = []
        for (item, answer) in items {
            let state = try await ItemState(of: item, in: queue)
            switch answer {
            case .accepted where state.event == nil || state.runs.count != 2:
                lies.append("item \(item.number) was accepted and is \(state.summary)")
            case .refused where state.event != nil && !allowingUnknown:
                lies.append("item \(item.number) was refused and is \(state.summary)")
            default: break
            }
        }
        return lies
    }
}
