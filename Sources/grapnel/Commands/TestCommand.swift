import ArgumentParser
import GrapnelCore
import GrapnelFormat
import GrapnelRun
import GrapnelSend
import Logging

/// `grapnel test`: run the tests of recipes and connectors.
struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run the tests of recipes and connectors, without a network or a hub.",
        discussion: "A recipe's handler runs in a real isolate; its calls get what the test says, else the operation's "
            + "sample. Tests are the files recipes/<name>/tests/*.yaml and connectors/<name>/tests/*.yaml.")

    @Argument(help: "Only these recipes and connectors. Default: all.")
    var names: [String] = []
    @Option(name: .long, help: "Only tests whose name contains this.")
    var filter: String?
    @Flag(name: .shortAndLong, help: "Show what handlers wrote to their log.")
    var verbose = false
    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let files = try HubFiles(hub.paths, environment: HubOptions.environment)
        let suite = TestSuite(files: files, isWanted: isWanted)
        let known = suite.names
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw ValidationError(
                "There is no recipe and no connector \(unknown) in \(files.paths.directory); there are "
                    + known.sorted().joined(separator: ", ") + ".")
        }
        var reports: [TestReport] = []
        try await suite.run { report in
            reports.append(report)
            if !output.json { show(report, isFirstOfSubject: reports.dropLast().last?.subject != report.subject) }
        }
        let failed = reports.count { !$0.differences.isEmpty }
        if !output.printed(TestCommand.document(reports)) {
            let passed = Style.green("\(reports.count - failed) passed")
            Terminal.print((failed > 0 ? Style.red("\(failed) failed") + ", " : "") + passed)
            if reports.isEmpty { Terminal.print("No test fits; see `grapnel test --help`.") }
        }
        if failed > 0 { throw ExitCode.failure }
    }

    @Sendable private func isWanted(subject: String, test: String?) -> Bool {
        guard names.isEmpty || names.contains(subject) else { return false }
        return filter.map { test?.contains($0) ?? true } ?? true
    }

    private func show(_ report: TestReport, isFirstOfSubject: Bool) {
        if isFirstOfSubject { Terminal.print(Style.bold(report.subject)) }
        let mark = report.differences.isEmpty ? Style.green("✓") : Style.red("✗")
        Terminal.print("  \(mark) \(report.name)" + (report.took.map { Style.dim("  \($0.milliseconds) ms") } ?? ""))
        for difference in report.differences {
            for line in difference.split(separator: "\n") { Terminal.print("      \(line)") }
        }
        guard verbose else { return }
        for line in report.log {
            let fields = line.fields.map { " " + JSONWriter.text($0) } ?? ""
            Terminal.print(Style.dim("      \(line.level.rawValue)  \(line.message)\(fields)"))
        }
    }

    private static func document(_ reports: [TestReport]) -> JSON {
        let tests = reports.map { report in
            var object = JSONObject([
                ("subject", .string(report.subject)), ("test", .string(report.name)),
                ("passed", .bool(report.differences.isEmpty)),
                ("differences", .array(report.differences.map { .string($0) })),
            ])
            object["took_ms"] = report.took.map { .integer($0.milliseconds) }
            return JSON.object(object)
        }
        return ["tests": .array(tests)]
    }
}
