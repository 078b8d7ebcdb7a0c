package import GrapnelCore
import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The vendors' stand-ins, one path for each connector: `http://127.0.0.1:8090/slack/chat.postMessage`.
///
/// Each checks a request as its vendor would, answers with the operation's sample, and records what it got.
package struct EmulatorServer: Service {
    private let configuration: EmulatorConfiguration
    private let responder: EmulatorResponder
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void
    /// What the stand-ins got.
    package let recorder: EmulatorRecorder
    /// The faults that they are told to have.
    package let faults: FaultTable

    /// - Parameter onListening: Called once with the port when requests are taken: with port 0 the system chose it.
    package init(
        _ configuration: EmulatorConfiguration, clock: any HubClock, random: any RandomSource, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
        recorder = EmulatorRecorder(
            clock: clock, keepsBodies: configuration.recordBodies, limits: configuration.recorderLimits)
        faults = FaultTable(random: random)
        responder = EmulatorResponder(
            configuration: configuration, recorder: recorder, faults: faults, clock: clock)
    }

    /// Serves until the task is cancelled or shut down gracefully; then requests in progress are dropped, as no vendor
    /// waits for its clients. Throws when the address cannot be had.
    package func run() async throws {
        let responder = responder
        let onListening = onListening
        let server = Server(
            childChannelSetup: HTTP1Channel { request, writer, channel in
                try await responder.respond(to: request, with: writer, on: channel)
            },
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1024),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        try await cancelWhenGracefulShutdown { try await server.run() }
    }
}
