import FoundationEssentials
import Glibc
import GrapnelCore
import GrapnelQueue
import Logging
import TestSupport
import grapnel

/// A hub's state, and its queue in this process.
final class FollowedHub {
    private static let key = Data([UInt8](repeating: 7, count: 32)).base64EncodedString()
    private static let version = RecipeVersion(String(repeating: "0af9", count: 16))

    let environment = ["GRAPNEL_KEY": FollowedHub.key]
    let paths: HubPaths
    let clock: ManualClock
    private let directory: TemporaryDirectory
    private let ids: IdentifierGenerator
    private let log: ByteCount
    private var queue: SQLiteQueue?
    /// Events that were accepted.
    private(set) var events = 0

    /// - Parameters:
    ///   - id: Tells this hub from others.
    ///   - log: The bytes of the log after which it begins anew.
    init(id: String = "hub1", clock: ManualClock = ManualClock(), log: ByteCount = .kibibytes(64)) throws {
        self.log = log
        directory = try TemporaryDirectory("followed")
        paths = HubPaths(directory: directory.path, state: nil, environment: environment)
        self.clock = clock
        ids = IdentifierGenerator(clock: clock, random: SeededRandomSource(seed: 3))
        mkdir(paths.state, 0o700)
        try Data("\(id)\n".utf8).write(to: URL(filePath: "\(paths.state)/hub.id"))
    }

    /// Where this one is followed into, if not elsewhere.
    var folder: String { directory.file("folder") }

    func file(_ name: String) -> String { directory.file(name) }

    func start() async throws {
        queue = try await SQLiteQueue.open(
            path: paths.database, limits: QueueLimits(logSize: log), clock: clock, ids: ids, node: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func stop() async {
        await queue?.close()
        queue = nil
    }

    /// Accepts so many events of 2 kB.
    func accept(_ count: Int) async throws {
        for _ in 0..<count {
            let request = InboundRequest(
                method: "POST", url: "https://hub.example/hooks/crm", query: "", headers: HeaderFields(),
                body: [UInt8](repeating: 0x78, count: 2000), peer: "192.0.2.1", receivedAt: clock.now())
            let event = Event(
                id: ids.next(), tenant: .default, source: "crm", type: "contact.creation", deliveryID: "d\(events)",
                receivedAt: request.receivedAt, headers: request.headers, query: "", raw: request.body, bodyKind: .text)
            let run = AcceptedRequest.NewRun(
                id: ids.next(), recipe: "lead", version: FollowedHub.version, startNow: false)
            _ = try await queue?.accept(
                AcceptedRequest(
                    id: ids.next(), tenant: .default, source: "crm", request: request,
                    verdict: Verdict(scheme: "sha256", secretName: "CRM", secretVersion: "ab12"),
                    events: [.init(event: event, fingerprint: [UInt8](repeating: 1, count: 32), runs: [run])],
                    dedupeWindow: .seconds(604_800), lease: .seconds(30)))
            events += 1
        }
        // What the writer does behind a commit is done before it reads.
        _ = try await queue?.synchronousLevel()
    }

    /// The hub as a folder has it at a moment: how many events there are, and what is said of what is left out.
    static func restored(
        from folder: String, at limit: Timestamp? = nil
    ) throws -> (events: Int, at: Timestamp, notes: [String]) {
        let target = try TemporaryDirectory("restored")
        let (manifest, notes) = try Restoration.unpack(folder, into: target.path, upTo: limit)
        return (manifest.database.events, manifest.createdAt, notes)
    }
}
