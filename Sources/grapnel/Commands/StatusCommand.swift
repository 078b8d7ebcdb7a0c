import ArgumentParser
import GrapnelCore

/// `grapnel status`: how the hub is.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how the hub is: uptime, queue, sandbox.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let status = try hub.client.get("/v1/status")
        if output.printed(status) { return }
        Terminal.print("Grapnel \(status.text("version")) on \(status.text("directory"))")
        Terminal.print("  listens     \(status.text("listen")), up \(status.text("uptime_seconds")) s")
        Terminal.print("  wired       \(status.text("sources")) sources, \(status.text("recipes")) recipes")
        Terminal.print(
            "  stored      \(status.text("events")) events, \(status.text("duplicates")) duplicates, "
                + "\(status.text("conflicts")) conflicts")
        for (title, key) in [
            ("rejected", "rejected"), ("runs", "runs"), ("outputs", "outputs"), ("effects", "effects"),
        ] {
            let counts = (status[key]?.object?.members ?? []).map { member in
                "\(member.value.integer ?? 0) \(Style.state(member.key))"
            }
            let label = title + String(repeating: " ", count: 12 - title.count)
            Terminal.print("  \(label)\(counts.isEmpty ? "none" : counts.joined(separator: ", "))")
        }
        let notices = status["notices_of_last_day"]?.integer ?? 0
        let hint = notices == 0 ? "" : ": grapnel events list --source grapnel"
        Terminal.print("  notices     \(notices) in the last day\(hint)")
        if let due = status["oldest_due_at"]?.string {
            let isLate = due <= SystemClock().now().description
            Terminal.print("  waits       \(isLate ? "the oldest since" : "the next until") \(due)")
        }
        if let since = status["offline_since"]?.string {
            Terminal.print("  outside     \(Style.red("offline since \(since)")): work waits, nothing is tried")
        }
        for pause in status["pauses"]?.array ?? [] {
            let reason = pause["reason"]?.string.map { ": \($0)" } ?? ""
            Terminal.print(
                "  paused      \(pause.text("kind")) \(Style.yellow(pause.text("name"))) since "
                    + "\(pause.text("since")) by \(pause.text("by"))\(reason)")
        }
        for quarantine in status["quarantined"]?.array ?? [] {
            let recipe = quarantine.text("recipe")
            Terminal.print(
                "  \(Style.red("quarantine"))  \(recipe) \(quarantine.text("version").prefix(12)) since "
                    + "\(quarantine.text("since")): \(quarantine.text("error"))")
            Terminal.print("              next: deploy another version, or: grapnel recipes release \(recipe)")
        }
        let refused = (status["sandbox"]?.object?.members ?? []).filter { $0.value != "active" }.map(\.key)
        Terminal.print(
            "  sandbox     "
                + (refused.isEmpty ? "every layer holds" : Style.red("without \(refused.joined(separator: ", "))")))
    }
}
