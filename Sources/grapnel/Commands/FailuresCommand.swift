import ArgumentParser
import GrapnelCore

/// `grapnel failures`: what stopped, grouped by why.
struct FailuresCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failures",
        abstract: "Group what is dead or parked by recipe and error, with the command that does something about it.",
        discussion: """
            Runs that were replayed are left out: their replays stand for them. In an error … stands for the numbers, ids \
            and quoted values that differ.
            """)

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "Only of this recipe.")
    var recipe: String?
    @Option(name: .long, help: "Only outputs of this connection.")
    var connection: String?
    @Option(name: .long, help: "Only for this reason; may be repeated.")
    var reason: [StopReason] = []
    @Option(name: .long, help: "Only whose error says this, in either case; … stands for anything.")
    var error: String?
    @OptionGroup(title: "The event") var event: EventFilterOptions

    func run() throws {
        let failures = try groups().map(\.document)
        if output.printed(["failures": .array(failures)]) { return }
        guard !failures.isEmpty else { return Terminal.print("Nothing is dead or parked.") }
        for failure in failures {
            let count = (failure["count"]?.integer ?? 0).grouped
            Terminal.print(
                "\(Style.bold(count))  \(failure.text("subject"))\(count == "1" ? "" : "s") of "
                    + "\(Style.bold(failure.text("name")))  \(Style.state(failure.text("state"))): "
                    + "\(failure.text("reason"))")
            if let error = failure["error"]?.string, !error.isEmpty { Terminal.print("  error    \(error)") }
            Terminal.print("  between  \(failure.text("first")) and \(failure.text("last"))")
            Terminal.print("  such as  \(failure.text("example"))")
            Terminal.print("  next     \(Style.cyan(failure.text("command")))")
        }
    }

    /// Groups of several pages, added up.
    private struct Group {
        var document: JSON
        var count: Int64 { document["count"]?.integer ?? 0 }
    }

    private func groups() throws -> [Group] {
        let parameters =
            [
                ("recipe", recipe), ("connection", connection), ("error", error),
                ("reason", reason.isEmpty ? nil : reason.map(\.name).joined(separator: ",")),
            ] + event.parameters
        let progress = ProgressLine()
        defer { progress.clear() }
        var page = PageOptions()
        page.limit = 1000
        page.before = nil
        var groups: [[String]: Group] = [:]
        var scanned: Int64 = 0
        repeat {
            let answer = try hub.client.get("/v1/failures\(page.query(parameters))")
            for failure in answer["failures"]?.array ?? [] {
                let key = ["subject", "name", "state", "reason", "error"].map { failure.text($0) }
                groups[key] = FailuresCommand.sum(groups[key], failure)
            }
            scanned += answer["scanned"]?.integer ?? 0
            page.before = answer["next"]?.string
            progress.show("looked at \(scanned.grouped)")
        } while page.before != nil
        return groups.values.sorted { ($0.count, $1.document.text("name")) > ($1.count, $0.document.text("name")) }
    }

    private static func sum(_ group: Group?, _ failure: JSON) -> Group {
        guard let group, case .object(var object) = group.document else { return Group(document: failure) }
        object["count"] = .integer(group.count + (failure["count"]?.integer ?? 0))
        // Texts of times sort as the times do.
        object["first"] = .string(min(group.document.text("first"), failure.text("first")))
        object["last"] = .string(max(group.document.text("last"), failure.text("last")))
        return Group(document: .object(object))
    }
}
