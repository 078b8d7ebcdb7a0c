import ArgumentParser
import Glibc
import GrapnelFormat
import Logging

/// `grapnel up`: run a hub.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Run the hub: take webhooks in, run recipes, send what they want sent.")

    @OptionGroup var hub: HubOptions
    @Option(name: .long, help: "Where webhooks come in, host:port (GRAPNEL_LISTEN; default: listen: of grapnel.yaml).")
    var listen: String?
    @Option(
        name: .long, help: "Where the management API listens (GRAPNEL_ADMIN; default: admin: of grapnel.yaml).")
    var admin: String?
    @Flag(name: .long, help: "Read the hub directory again when a file of it changes.")
    var watch = false
    @Flag(name: .shortAndLong, help: "Log more.")
    var verbose = false

    func run() async throws {
        // What the hub writes is for its own user: every webhook's body is in it.
        umask(0o077)
        OpenFiles.raiseLimit()
        var environment = HubOptions.environment
        if let listen {
            guard ListenAddress(listen) != nil else {
                throw ValidationError("--listen takes a host and a port, such as 127.0.0.1:8080.")
            }
            environment["GRAPNEL_LISTEN"] = listen
        }
        if let admin {
            guard ListenAddress(admin) != nil else {
                throw ValidationError("--admin takes a host and a port, such as 127.0.0.1:8081.")
            }
            environment["GRAPNEL_ADMIN"] = admin
        }
        var logger = Logger(label: "grapnel") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = verbose ? .debug : .notice
        let files = try HubFiles(hub.paths, environment: environment)
        for (key, address) in [("listen", files.configuration.listen), ("admin", files.configuration.admin)]
        where address.port != 0 && !PortProbe.isFree(address) {
            throw HubRefusal(problems: ["\(address) is taken by another program: choose another one by --\(key)"])
        }
        let address = files.configuration.listen
        let names = files.configuration.sources.map(\.name)
        let running = try await Hub(files, environment: environment, watches: watch, logger: logger) { port in
            Terminal.print("Webhooks come in at http://\(ListenAddress(host: address.host, port: port))/hooks/<source>")
            Terminal.print("Sources: \(names.joined(separator: ", "))")
        }
        try await running.run()
    }
}
