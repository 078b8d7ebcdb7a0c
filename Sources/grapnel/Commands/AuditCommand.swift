import ArgumentParser
import GrapnelCore

/// `grapnel audit`: what people did to what is kept.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show what was erased, when and by whom; never the value itself.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "How many.")
    var limit = 20

    func run() throws {
        let document = try hub.client.get("/v1/audit?limit=\(limit)")
        if output.printed(document) { return }
        var table = Table(["ID", "AT", "BY", "ACTION", "ROWS", "SHA-256 OF THE VALUE"])
        for record in document["audit"]?.array ?? [] {
            let isOver = record["finished_at"]?.string != nil
            table.add([
                record.text("id"), record.text("at"), record.text("by"),
                record.text("action") + (isOver ? "" : " (broken off)"), record.text("rows"), record.text("subject"),
            ])
        }
        table.print(empty: "Nothing yet.")
    }
}
