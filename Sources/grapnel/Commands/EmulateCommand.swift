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
    @Option(
        name: .long,
        help:
            "Answer an operation with this JSON in place of its sample: http.get={\"company\":\"Example\"}; may be repeated."
    )
    var answer: [String] = []
    @Flag(name: .long, help: "Keep no bodies: for load.")
    var noBodies = false
    @Flag(name: .shortAndLong, help: "Do not print a line for each request.")
    var quiet = false

    func run() async throws {
        guard let address = ListenAddress(listen) else {
            throw ValidationError("--listen takes a host and a port, such as 127.0.0.1:8090.")
        }
        let files = try HubFiles(hub.paths, environment: HubOptions.environment)
        var logger = Logger(label: "grapnel.emulate") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        var connectors = files.connectors
        for text in answer { try EmulateCommand.answer(text, in: &connectors) }
        let names = connectors.keys.sorted()
        let server = EmulatorServer(
            EmulatorConfiguration(
                connectors: connectors, host: address.host, port: address.port, recordBodies: !noBodies),
            clock: SystemClock(), random: SystemRandomSource(), logger: logger
        ) { port in
            for name in names {
                Terminal.print("\(name): http://\(ListenAddress(host: address.host, port: port))/\(name)")
            }
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: server)]
                    + (quiet || noBodies ? [] : [.init(service: RequestLog(recorder: server.recorder))]),
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    /// Takes `connector.operation=JSON` on.
    private static func answer(_ text: String, in connectors: inout [String: ConnectorDefinition]) throws {
        let parts = text.split(separator: "=", maxSplits: 1)
        let name = (parts.first ?? "").split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, name.count == 2, let json = try? JSONParser.parse(Array(parts[1].utf8)) else {
            throw ValidationError("--answer takes connector.operation=JSON, not \(text).")
        }
        guard let index = connectors[name[0]]?.operations.firstIndex(where: { $0.name == name[1] }) else {
            throw ValidationError("--answer: there is no operation \(name.joined(separator: ".")).")
        }
        connectors[name[0]]?.operations[index].sample.json = json
    }
}
