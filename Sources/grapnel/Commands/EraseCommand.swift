import ArgumentParser
import Glibc
import GrapnelCore

/// `grapnel erase`: expunge a person's value from everything that is kept.
struct EraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Find a value, such as an e-mail address, in everything that is kept, and expunge it.",
        discussion: """
            A marker takes its place, so that stories stay readable. Upper and lower case are one, and the spellings of \
            URLs, forms and JSON are found as well. What a run that is not over needs is not erased. Traces may be left \
            in unused parts of the file until grapnel vacuum writes it anew; backups that were made before hold the \
            value until they are deleted.
            """)

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions
    @Flag(name: .long, help: "Only count.")
    var dryRun = false
    @Flag(name: .long, help: "Do not ask.")
    var yes = false
    @Argument(help: "The value.")
    var value: String

    /// What one pass over everything came to.
    private struct Pass {
        var rows: [String: Int64] = [:]
        var open: [String] = []
        var erased: Int64 = 0
        var id: String?
    }

    func run() throws {
        let found = try pass(erasing: false)
        let total = found.rows.values.reduce(0, +)
        if dryRun || total == 0 {
            if output.printed(document(found, erased: 0)) { return }
            return describe(found)
        }
        guard found.open.isEmpty else {
            if !output.json { describe(found) }
            throw BackupError(
                "\(found.open.count) runs that are not over need what would be erased (\(found.open[0]) is one): "
                    + "let them end, or cancel them, then erase again. Nothing was erased")
        }
        if !yes {
            guard !output.json, isatty(STDIN_FILENO) == 1 else {
                throw ValidationError("Say --yes to erase, or --dry-run to count.")
            }
            describe(found)
            Terminal.print("This cannot be taken back. Erase? Type yes:")
            guard readLine() == "yes" else { throw BackupError("nothing was erased") }
        }
        let done = try pass(erasing: true)
        if output.printed(document(done, erased: done.erased)) { return }
        Terminal.print("\(done.erased) rows erased; the record is \(done.id ?? "") in grapnel audit")
        if !done.open.isEmpty {
            Terminal.print(
                Style.yellow("\(done.open.count) runs began meanwhile that need it: erase again when they are over"))
        }
        Terminal.print(
            "Traces may be left in unused parts of the file until grapnel vacuum writes it anew, with the hub stopped; "
                + "backups that were made before hold the value until they are deleted.")
    }

    /// Goes over everything once, step by step.
    private func pass(erasing: Bool) throws -> Pass {
        let client = hub.client
        var pass = Pass()
        let total = try client.get("/v1/status")["requests"]?.integer ?? 0
        let (line, began) = (ProgressLine(), ContinuousClock.now)
        defer { line.clear() }
        var (place, visited): (String?, Int) = (nil, 0)
        repeat {
            var document = JSONObject([
                ("value", .string(value)), ("dry_run", .bool(!erasing)), ("by", .string(EraseCommand.user)),
            ])
            document["place"] = place.map { .string($0) }
            document["id"] = pass.id.map { .string($0) }
            let step = try client.post("/v1/erasures", .object(document))
            for member in step["rows"]?.object?.members ?? [] {
                pass.rows[member.key, default: 0] += member.value.integer ?? 0
            }
            pass.open += step["open"]?.array?.compactMap(\.string) ?? []
            pass.erased += step["erased"]?.integer ?? 0
            pass.id = step["id"]?.string ?? pass.id
            visited += Int(step["visited"]?.integer ?? 0)
            place = step["next"]?.string
            line.show(
                ProgressLine.bar(done: visited, of: max(Int(total), visited), in: began.duration(to: .now))
                    + " of requests")
        } while place != nil
        return pass
    }

    private func document(_ pass: Pass, erased: Int64) -> JSON {
        [
            "rows": .object(JSONObject(pass.rows.sorted { $0.key < $1.key }.map { ($0, .integer($1)) })),
            "open": .array(pass.open.map { .string($0) }), "erased": .integer(erased),
            "id": pass.id.map { .string($0) } ?? .null,
        ]
    }

    private func describe(_ pass: Pass) {
        guard !pass.rows.isEmpty else { return Terminal.print("It stands nowhere.") }
        for (table, count) in pass.rows.sorted(by: { $0.key < $1.key }) { Terminal.print("  \(count) in \(table)") }
        if !pass.open.isEmpty {
            Terminal.print(
                "  \(pass.open.count) runs that are not over need it: \(pass.open.prefix(5).joined(separator: ", "))")
        }
    }

    /// Who asks, for the record.
    private static var user: String {
        getpwuid(getuid()).flatMap { $0.pointee.pw_name.map { String(cString: $0) } } ?? "user \(getuid())"
    }
}
