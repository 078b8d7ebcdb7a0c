import GrapnelCore
import GrapnelSend
import Logging

extension EgressClient {
    /// Runs `body` with a client that is running and may dial loopback.
    static func running<Value: Sendable>(
        limits: EgressLimits = EgressLimits(), allow: [String] = ["127.0.0.0/8", "::1"],
        _ body: (EgressClient) async throws -> Value
    ) async throws -> Value {
        let client = EgressClient(
            guarding: AddressGuard(allowances: allow.compactMap { AddressGuard.Allowance($0) }), limits: limits,
            clock: SystemClock(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await client.run() }
        defer { running.cancel() }
        return try await body(client)
    }
}
