import GrapnelCore
import Subprocess
import Synchronization
import TestSupport

/// The program as its users run it: a process of its own.
struct Program: Sendable {
    static let path = "\(Checkout.root)/.build/debug/grapnel"

    let directory: HubDirectory

    /// A running hub.
    struct Hub: Sendable {
        let process: Int32
        /// The port, when webhooks are taken.
        let listening: Listening
        let ending: Ending
        fileprivate let send: @Sendable (Signal) throws -> Void

        /// Ends it as a power cut ends it, but for what the kernel has.
        func kill() throws { try send(.kill) }

        /// Takes the processor from it, as a machine that is suspended does.
        func freeze() throws { try send(.suspend) }

        /// Gives the processor back.
        func thaw() throws { try send(.resume) }

        /// Asks it to end.
        func terminate() throws { try send(.terminate) }
    }

    /// Runs a hub until it ends; `body` must see to that.
    ///
    /// - Parameter variables: What its environment has besides the directory's.
    /// - Returns: What it wrote.
    @discardableResult
    func withHub(
        _ variables: [String: String] = [:], files: Int? = nil, _ body: @Sendable @escaping (Hub) async throws -> Void
    ) async throws -> String {
        try await hub(variables, files: files, body).transcript
    }

    /// Runs a hub until it ends; `body` must see to that.
    ///
    /// - Returns: What it wrote, and the code that it ended with; `nil` when a signal ended it.
    func hub(
        _ variables: [String: String] = [:], files: Int? = nil, _ body: @Sendable @escaping (Hub) async throws -> Void
    ) async throws -> (transcript: String, code: Int32?) {
        let environment = directory.environment.merging(variables) { _, new in new }
        let result = try await Subprocess.run(
            .name("env"), arguments: Program.arguments(["up"], environment, files: files), input: .none,
            output: .sequence, error: .combinedWithOutput
        ) { execution in
            let hub = Hub(process: execution.processIdentifier.value, listening: Listening(), ending: Ending()) {
                try execution.send(signal: $0)
            }
            async let transcript = Program.read(execution.standardOutput, hub)
            do {
                try await body(hub)
            } catch {
                try? execution.send(signal: .kill)
                throw HarnessError("\(error); the hub wrote:\n\(await transcript)")
            }
            return await transcript
        }
        guard case .exited(let code) = result.terminationStatus else { return (result.closureResult, nil) }
        return (result.closureResult, code)
    }

    private static func read(_ output: SubprocessOutputSequence, _ hub: Hub) async -> String {
        var text = ""
        do {
            for try await line in output.strings() {
                text += line + "\n"
                if let port = line.split(separator: "http://127.0.0.1:").last?.prefix(while: \.isNumber),
                    line.hasPrefix("Webhooks come in at"), let number = Int(port)
                {
                    hub.listening.settle(number)
                }
            }
        } catch {
            text += "(\(error))\n"
        }
        hub.listening.settle(nil)
        hub.ending.come()
        return text
    }

    /// Runs a command on the hub directory and gives what it printed.
    func run(_ arguments: [String]) async throws -> String {
        try await Program.run(arguments, environment: directory.environment)
    }

    /// Runs a command on the hub directory, whatever becomes of it.
    ///
    /// - Parameter user: Whom it runs as; `nil`: as whom this does.
    func ended(_ command: [String], as user: Int? = nil) async throws -> (code: Int32?, output: String, error: String) {
        let change = user.map { ["setpriv", "--reuid", "\($0)", "--regid", "\($0)", "--clear-groups"] } ?? []
        let variables = directory.environment.map { "\($0)=\($1)" }
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments(["-i"] + variables + change + [Program.path] + command),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard case .exited(let code) = result.terminationStatus else {
            return (nil, result.standardOutput, result.standardError)
        }
        return (code, result.standardOutput, result.standardError)
    }

    /// Runs a command and gives what it printed.
    static func run(
        _ arguments: [String], environment: [String: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
    ) async throws -> String {
        let result = try await Subprocess.run(
            .name("env"), arguments: Program.arguments(arguments, environment), output: .string(limit: 64 << 20),
            error: .string(limit: 1 << 20))
        guard case .exited(0) = result.terminationStatus else {
            throw HarnessError(
                "grapnel \(arguments.joined(separator: " ")): \(result.terminationStatus) \(result.standardError)")
        }
        return result.standardOutput
    }

    /// Runs a command and presses Ctrl-C at a line that begins like this; gives everything that it printed.
    func interrupted(_ arguments: [String], at start: String) async throws -> String {
        let result = try await Subprocess.run(
            .name("env"), arguments: Program.arguments(arguments, directory.environment), input: .none,
            output: .sequence, error: .combinedWithOutput
        ) { execution in
            var text = ""
            for try await line in execution.standardOutput.strings() {
                text += line + "\n"
                if line.hasPrefix(start) { try execution.send(signal: .interrupt) }
            }
            return text
        }
        return result.closureResult
    }

    /// All of a list, page by page, newest first.
    func all(_ list: String) async throws -> [JSON] {
        var found: [JSON] = []
        while true {
            var command = [list, "list", "--json", "--limit", "1000"]
            if let last = found.last?["id"]?.string { command += ["--before", last] }
            let page = try JSONParser.parse(Array(try await run(command).utf8))[list]?.array ?? []
            found += page
            if page.count < 1000 { return found }
        }
    }

    /// Returns when nothing is left to do.
    func settle() async throws {
        while true {
            let states = ["--status", "ready", "--status", "leased", "--status", "scheduled"]
            let runs = try await run(["runs", "list", "--json", "--limit", "1"] + states)
            let deliveries = ["--delivery", "ready", "--delivery", "leased", "--delivery", "scheduled"]
            let effects = try await run(["effects", "list", "--json", "--limit", "1"] + deliveries)
            if !runs.contains("\"id\""), !effects.contains("\"id\"") { return }
        }
    }

    /// What `env` is given to run a command with nothing else in its environment.
    ///
    /// - Parameter files: How many it may open; `nil`: as many as this.
    static func arguments(_ command: [String], _ environment: [String: String], files: Int? = nil) -> Arguments {
        let limit = files.map { ["prlimit", "--nofile=\($0):\($0)"] } ?? []
        return Arguments(["-i"] + environment.map { "\($0)=\($1)" } + limit + [Program.path] + command)
    }
}
