import ArgumentParser
import GrapnelCore

/// `grapnel schedules`: what time will do.
struct SchedulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules", abstract: "List the schedules of recipes, and the runs that are planned.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let document = try hub.client.get("/v1/schedules")
        if output.printed(document) { return }
        var table = Table(["RECIPE", "SCHEDULE", "ZONE", "NEXT", "LAST"])
        for schedule in document["schedules"]?.array ?? [] {
            table.add([
                schedule.text("recipe"), schedule.text("expression"), schedule.text("timezone"),
                schedule["next"]?.string ?? "never", schedule["last"]?.string ?? "-",
            ])
        }
        for run in document["planned"]?.array ?? [] {
            table.add([run.text("recipe"), "once", "UTC", run.text("due_at"), run.text("id")])
        }
        table.print(empty: "No schedule yet: write on: { schedule: \"0 9 * * 1-5\" } into a recipe.yaml.")
    }
}
