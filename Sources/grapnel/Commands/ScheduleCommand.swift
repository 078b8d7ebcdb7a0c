import ArgumentParser
import GrapnelCore

/// `grapnel schedule`: plan one run of a recipe.
struct ScheduleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule", abstract: "Plan one run of a recipe, without an event from outside.",
        discussion: "Cancel it by cancelling the run. --in 0s runs it now.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The recipe.")
    var recipe: String
    @Option(name: .long, help: "When, such as 2026-12-24T09:00:00Z.")
    var at: String?
    @Option(name: .customLong("in"), help: "After which time, such as 30s, 5m, 2h or 7d.")
    var wait: String?
    @Option(name: .long, help: "The body of the event, as JSON; by default it says when the run was planned for.")
    var body: String?

    func validate() throws {
        guard (at == nil) != (wait == nil) else { throw ValidationError("Say when: either --at or --in.") }
    }

    func run() throws {
        var document = JSONObject()
        if let at { document["at"] = .string(at) }
        if let wait { document["in"] = .string(wait) }
        if let body {
            guard let value = try? JSONParser.parse(body) else { throw ValidationError("--body is not JSON.") }
            document["body"] = value
        }
        let answer = try hub.client.post("/v1/recipes/\(recipe)/schedule", .object(document))
        if output.printed(answer) { return }
        Terminal.print("Planned \(answer.text("id")) for \(answer.text("due_at")).")
    }
}
