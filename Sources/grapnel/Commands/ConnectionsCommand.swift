import ArgumentParser
import GrapnelCore

/// `grapnel connections`: how the connections stand.
struct ConnectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "List the connections: circuit breakers, pauses, paces, the last success and the last failure.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let document = try hub.client.get("/v1/connections")
        if output.printed(document) { return }
        var table = Table([
            "CONNECTION", "CONNECTOR", "STATE", "UNDER WAY", "LAST SUCCESS", "LAST FAILURE", "BASE URL",
        ])
        for connection in document["connections"]?.array ?? [] {
            table.add([
                connection.text("name"), connection.text("connector"), state(connection),
                connection.text("under_way"), connection["last_success_at"]?.string ?? "-",
                connection["last_failure_at"]?.string ?? "-", connection["base_url"]?.string ?? "-",
            ])
        }
        table.print(empty: "No connection yet: add one under connections: in grapnel.yaml.")
    }

    private func state(_ connection: JSON) -> String {
        if connection["paused"] != nil { return Style.yellow("paused") }
        let state = connection.text("state")
        guard let wait = connection["opens_in_ms"]?.integer else {
            guard state == "closed" else { return Style.yellow(state) }
            return connection["pace_per_minute"]?.integer.map { Style.yellow("slowed \($0)/1m") } ?? state
        }
        return Style.red("\(state == "closed" ? "waits" : state) \((wait + 999) / 1000) s")
    }
}
