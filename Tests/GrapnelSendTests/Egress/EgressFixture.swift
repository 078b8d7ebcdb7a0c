import GrapnelCore
import GrapnelSend
import Logging

/// Runs `body` with an egress client that is running and may dial loopback.
func withEgress<Value: Sendable>(
    limits: EgressLimits = EgressLimits(), allow: [String] = ["127.0.0.0/8", "::1"], ownPorts: Set<UInt16> = [],
    _ body: (EgressClient) async throws -> Value
) async throws -> Value {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let client = EgressClient(
        guarding: AddressGuard(allowances: allow.compactMap { AddressGuard.Allowance($0) }, ownPorts: ownPorts),
        limits: limits, clock: SystemClock(), logger: logger)
    let running = Task { try await client.run() }
    defer { running.cancel() }
    return try await body(client)
}

extension Result {
    /// The failure, when it is one.
    var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
