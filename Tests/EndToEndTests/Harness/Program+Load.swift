import GrapnelEmulator

extension Program {
    /// Runs a hub that takes webhooks until the stand-ins got so many more requests of it; then lets `end` end it.
    func serve(
        _ vendor: Vendor, _ recorder: EmulatorRecorder, untilArrivals arrivals: Int,
        end: @Sendable @escaping (Hub) throws -> Void
    ) async throws {
        try await withHub { hub in
            guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
            vendor.gate.open(port: port)
            await recorder.wait(more: arrivals)
            vendor.gate.close()
            try end(hub)
        }
    }

    /// Runs a last hub until everything that was posted came to its end, and lets `check` look at it.
    func conclude(
        _ vendor: Vendor, posting: Task<Void, any Error>, check: @Sendable @escaping () async throws -> Void
    ) async throws {
        try await withHub { hub in
            guard let port = await hub.listening.port() else { throw HarnessError("the hub did not start") }
            vendor.end()
            vendor.gate.open(port: port)
            try await posting.value
            try await settle()
            try await check()
            try hub.terminate()
        }
    }
}
