import GrapnelCore
import GrapnelEmulator
import GrapnelFormat
import GrapnelSend
import Logging
import TestSupport

/// The outside world of a test, in this process: the vendors' stand-ins, and what posts webhooks.
struct StandIns: Sendable {
    let port: Int
    let emulator: EmulatorServer
    let egress: EgressClient

    /// Runs the outside world for as long as `body` takes.
    static func with(_ body: @Sendable @escaping (StandIns) async throws -> Void) async throws {
        var connectors: [String: ConnectorDefinition] = [:]
        for name in ["slack", "twilio", "http"] {
            let file = "connectors/\(name)/connector.yaml"
            connectors[name] = try ConnectorDefinition.decode(yaml: Checkout.text(file), id: name, file: file)
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let emulator = EmulatorServer(
            EmulatorConfiguration(
                connectors: connectors, port: 0, recordBodies: false,
                recorderLimits: EmulatorRecorder.Limits(requests: 200_000, page: 200_000)),
            clock: SystemClock(), random: SystemRandomSource(), logger: logger
        ) { number in port.yield(number) }
        let egress = EgressClient(
            guarding: AddressGuard(allowances: [.host("127.0.0.1", port: nil)]), clock: SystemClock(), logger: logger)
        try await withThrowingTaskGroup { group in
            group.addTask { try await emulator.run() }
            group.addTask { try await egress.run() }
            group.addTask {
                for await number in ports {
                    return try await body(StandIns(port: number, emulator: emulator, egress: egress))
                }
            }
            // The services end only when the body has.
            try await group.next()
            group.cancelAll()
        }
    }
}
