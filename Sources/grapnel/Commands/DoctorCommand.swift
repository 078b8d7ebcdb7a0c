import ArgumentParser
import GrapnelCore

/// `grapnel doctor`: whether this machine and this directory can run a hub.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check that this machine and this directory can run a hub.",
        discussion: "Exits with 1 when something fails; a warning does not.")

    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let examination = Examination(paths: hub.paths, environment: HubOptions.environment, client: hub.client)
        var findings: [Finding] = []
        for await finding in examination.findings() {
            findings.append(finding)
            if !output.json { show(finding) }
        }
        let documents = findings.map { finding -> JSON in
            [
                "check": .string(finding.check), "result": .string(finding.result.rawValue),
                "detail": .string(finding.detail),
            ]
        }
        _ = output.printed(["findings": .array(documents)])
        if findings.contains(where: { $0.result == .fail }) { throw ExitCode.failure }
    }

    private func show(_ finding: Finding) {
        let mark =
            switch finding.result {
            case .ok: Style.green("ok  ")
            case .warn: Style.yellow("warn")
            case .fail: Style.red("fail")
            }
        Terminal.print("\(mark)  \(finding.check): \(finding.detail)")
    }
}
