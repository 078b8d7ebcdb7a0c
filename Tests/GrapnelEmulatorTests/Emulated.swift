import GrapnelCore
import GrapnelEmulator
import GrapnelFormat
import Logging
import ServiceLifecycle
import TestSupport

/// Runs stand-ins for the length of a test.
enum Emulated {
    /// What a test has in hand while they run.
    struct Context: Sendable {
        let client: LoopbackClient
        let recorder: EmulatorRecorder
        let faults: FaultTable
    }

    static let bearer = ("Authorization", "Bearer xoxb-1")
    static let json = ("Content-Type", "application/json")
    static let form = ("Content-Type", "application/x-www-form-urlencoded")

    /// Starts the stand-ins on a port of their own, calls `body`, and stops them.
    static func run(
        connectors: [String: ConnectorDefinition]? = nil, credentials: [String: [String: String]] = [:],
        recordBodies: Bool = true,
        _ body: @Sendable (Context) async throws -> Void
    ) async throws {
        let configuration = EmulatorConfiguration(
            connectors: try connectors ?? Connectors.all(), port: 0, credentials: credentials,
            recordBodies: recordBodies)
        let (ports, source) = AsyncStream<Int>.makeStream()
        let server = EmulatorServer(
            configuration, clock: SystemClock(), random: SeededRandomSource(seed: 7),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onListening: { source.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { source.finish() }
                try await server.run()
            }
            for await port in ports {
                try await body(
                    Context(client: LoopbackClient(port: port), recorder: server.recorder, faults: server.faults))
                break
            }
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }
}
