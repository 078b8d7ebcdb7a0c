package import GrapnelCore
package import GrapnelFormat
package import GrapnelQueue
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Where webhooks come in: `POST /hooks/<source>`. A 2xx leaves only after the event is on disk.
package struct IngestServer: Service {
    private let address: ListenAddress
    private let responder: IngestResponder
    private let limits: IngestLimits
    private let clock: any HubClock
    /// Rejected requests that were too many to be kept.
    package let unkeptRejections: RejectionCounter
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - address: Where to listen; with port 0 the system chooses.
    ///   - sources: The compiled sources.
    ///   - trustedProxies: Whose Forwarded and X-Forwarded-* are believed.
    ///   - queue: Where events are stored.
    ///   - matcher: Which recipes want an event.
    ///   - runs: Who starts runs that were committed leased.
    ///   - onListening: Called once with the port when requests are taken.
    package init(
        address: ListenAddress, sources: [Source], trustedProxies: [NetworkRange],
        queue: any QueueWriter & QueueReader, matcher: any RecipeMatching, runs: any RunStarting,
        ids: IdentifierGenerator, clock: any HubClock, limits: IngestLimits = IngestLimits(), logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.address = address
        self.limits = limits
        self.clock = clock
        self.logger = logger
        self.onListening = onListening
        unkeptRejections = RejectionCounter()
        let pipeline = IngestPipeline(
            queue: queue, matcher: matcher, runs: runs, ids: ids, clock: clock, limits: limits,
            unkept: unkeptRejections, logger: logger)
        responder = IngestResponder(
            pipeline: pipeline, table: IngestServer.table(sources, trustedProxies))
    }

    /// How many requests are being read.
    package var readingCount: Int { responder.readingCount }

    /// Takes on other sources; requests under way keep theirs.
    package func replace(sources: [Source], trustedProxies: [NetworkRange]) {
        responder.replace(IngestServer.table(sources, trustedProxies))
    }

    /// Serves until the hub shuts down; requests in progress are answered first.
    package func run() async throws {
        let (responder, onListening, limits) = (responder, onListening, limits)
        var configuration = HTTP1Channel.Configuration(idleTimeout: .milliseconds(limits.idle.milliseconds))
        configuration.httpDecoder = .init(
            maxHeaderFieldSize: limits.headerField.bytes, maxHeaderListSize: limits.headers.bytes,
            maxHeaderFieldCount: limits.headerCount)
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: { request, writer, channel in
                    try await responder.respond(to: request, with: writer, on: channel)
                }, configuration: configuration),
            configuration: ServerConfiguration(
                address: .hostname(address.host, port: address.port), serverName: nil, backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: { [clock] in
            Task {
                try? await clock.sleep(for: limits.shutdown)
                responder.hangUp()
            }
        }
    }

    private static func table(_ sources: [Source], _ proxies: [NetworkRange]) -> IngestResponder.Table {
        IngestResponder.Table(
            sources: Dictionary(sources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
            trustedProxies: proxies)
    }
}
