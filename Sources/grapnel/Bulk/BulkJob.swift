import Glibc
import GrapnelCore

/// Does something to everything that a filter fits: looks first, asks, then goes through it in steps that the hub
/// commits one by one.
struct BulkJob {
    let client: ManagementClient
    let action: BulkAction
    let parameters: [(String, String?)]
    let options: BulkOptions
    let output: OutputOptions

    func run() throws {
        let preview = try preview()
        if options.dryRun || preview.count == 0 {
            if output.printed(preview.document) { return }
            return show(preview)
        }
        if !output.json { show(preview) }
        guard try isWanted(preview) else { return Terminal.print("Nothing was done.") }
        Interruption.listen()
        let report = perform(preview)
        if !output.printed(report.document(preview)) { tell(report, preview) }
        if let problem = report.problem { throw BulkRefusal(description: problem) }
    }

    // MARK: Looking

    private func preview() throws -> BulkPreview {
        let progress = ProgressLine()
        defer { progress.clear() }
        var preview = BulkPreview()
        var after = options.after
        repeat {
            let part = try client.post("/v1/bulk/preview", request(after: after, asOf: preview.asOf))
            preview.add(part)
            after = part["next"]?.string
            progress.show("looked at \(preview.scanned.grouped), found \(preview.count.grouped)")
        } while after != nil
        return preview
    }

    private func show(_ preview: BulkPreview) {
        guard preview.count > 0 else { return Terminal.print("Nothing fits.") }
        Terminal.print(Style.bold("This would \(action.words(preview.count)):"))
        for line in preview.lines(action) { Terminal.print(line) }
    }

    private func isWanted(_ preview: BulkPreview) throws -> Bool {
        if options.yes { return true }
        guard isatty(STDIN_FILENO) == 1, !output.json else {
            throw BulkRefusal(description: "there is nobody to ask: add --yes to do it, or --dry-run to only look")
        }
        Terminal.writeError("Go ahead? [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }

    private func request(after: String?, asOf: String?) -> JSON {
        let filter = parameters.compactMap { name, value in value.map { (name, JSON.string($0)) } }
        var request = JSONObject(action.members + [("filter", .object(JSONObject(filter)))])
        request["after"] = after.map { .string($0) }
        request["as_of"] = asOf.map { .string($0) }
        return .object(request)
    }

    // MARK: Doing

    /// What was done.
    private struct Report {
        var done = 0
        var refused = 0
        var refusals: [JSON] = []
        /// The last one that was done, when it was stopped before the end.
        var place: String?
        var isStopped = false
        /// Why the program ends with a failure: somebody or something stopped it.
        var problem: String?

        func document(_ preview: BulkPreview) -> JSON {
            var object = JSONObject([
                ("preview", preview.document), ("done", .integer(Int64(done))), ("refused", .integer(Int64(refused))),
                ("refusals", .array(refusals)), ("stopped", .bool(isStopped)),
            ])
            object["after"] = isStopped ? place.map { .string($0) } : nil
            return .object(object)
        }
    }

    private func perform(_ preview: BulkPreview) -> Report {
        let progress = ProgressLine()
        let clock = SystemClock()
        let start = clock.monotonic()
        var next = options.after
        var report = Report(place: next)
        repeat {
            guard !Interruption.isRequested else {
                report.isStopped = true
                report.problem = "it was stopped before the end"
                break
            }
            do {
                let step = try client.post("/v1/bulk/step", request(after: next, asOf: preview.asOf))
                report.done += Int(step["done"]?.integer ?? 0)
                report.refused += Int(step["refused"]?.integer ?? 0)
                report.refusals = Array((report.refusals + (step["refusals"]?.array ?? [])).prefix(3))
                next = step["next"]?.string
                report.place = next
            } catch {
                report.isStopped = true
                report.problem = "\(error)"
                break
            }
            let gone = report.done + report.refused
            progress.show(ProgressLine.bar(done: gone, of: preview.count, in: clock.monotonic() - start))
        } while next != nil
        progress.clear()
        return report
    }

    private func tell(_ report: Report, _ preview: BulkPreview) {
        let counts = report.isStopped ? "\(report.done.grouped) of \(preview.count.grouped)" : report.done.grouped
        Terminal.print("\(counts) \(action.done)" + (report.refused > 0 ? ", \(report.refused.grouped) refused:" : "."))
        for refusal in report.refusals { Terminal.print("  \(refusal.text("id"))  \(refusal.text("why"))") }
        guard report.isStopped else { return }
        if action.isResumable {
            Terminal.print("The rest is as it was. To go on, give the same command again.")
        } else {
            let place = report.place.map { " and --after \($0)" } ?? ""
            Terminal.print("The rest is as it was. To go on, give the same command again\(place).")
        }
    }
}
