import ArgumentParser
import GrapnelCore
import GrapnelEmulator
import GrapnelFormat
import Logging
import ServiceLifecycle
import UnixSignals

/// `grapnel emulate`: stand-ins for the vendors that the hub sends to.
struct EmulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulate", abstract: "Run stand-ins for every connector, made from its definition.",
        discussion: "What they got: GET /_emulator/requests. Faults: POST /_emulator/faults "
            + #"{"connector":"slack","fault":"fail|hang|rate_limit|reset|slow|accept_then_reset"}."#)

    @OptionGroup var hub: HubOptions
    @Option(name: .long, help: "Where to listen, host:port.")
    var listen = "127.0.0.1:8090"
    @Flag(name: .long, help: "Keep no bodies: for load.")
    var noBodies = false

    func run() async throws {
        guard let address = ListenAddress(listen) else {
            throw ValidationError("--listen takes a host and a port, such as 127.0.0.1:8090.")
        }
        let files = try HubFiles(hub.paths, environment: HubOptions.environment)
        var logger = Logger(label: "grapnel.emulate") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        let names = files.connectors.keys.sorted()
        let server = EmulatorServer(
            EmulatorConfiguration(
                connectors: files.connectors, host: address.host, port: address.port, recordBodies: !noBodies),
            clock: SystemClock(), random: SystemRandomSource(), logger: logger
        ) { port in
            for name in names {
                Terminal.print("\(name): http://\(ListenAddress(host: address.host, port: port))/\(name)")
            }
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
