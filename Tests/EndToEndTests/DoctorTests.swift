import Glibc
import GrapnelCore
import TestSupport
import Testing

/// What `grapnel doctor` says of a machine and of a hub directory.
@Suite struct DoctorTests {
    private static func findings(_ program: Program) async throws -> [String: (result: String, detail: String)] {
        let text = try await program.run(["doctor", "--json"])
        let document = try JSONParser.parse(Array(text.utf8))
        return (document["findings"]?.array ?? []).reduce(into: [:]) { findings, finding in
            guard let check = finding["check"]?.string, let result = finding["result"]?.string else { return }
            findings[check] = (result, finding["detail"]?.string ?? "")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `what does not hold is said, and what would make it hold`() async throws {
        let directory = try HubDirectory(standIns: 9, recipes: [LoadRecipe.name: LoadRecipe.files])
        let program = Program(directory: directory)
        let healthy = try await Self.findings(program)
        for check in ["directory", "secrets", "state", "isolates", "sandbox", "clock", "hub"] {
            #expect(healthy[check]?.result == "ok", "\(check): \(healthy[check]?.detail ?? "not looked at")")
        }
        // What is degraded is a warning, and what cannot work a failure that the exit code tells.
        #expect(chmod(directory.file(".grapnel"), 0o755) == 0)
        let open = try await Self.findings(program)
        #expect(open["state"]?.result == "warn" && open["state"]?.detail.contains("chmod 700") == true)
        let missing = directory.environment.filter { $0.key != "TOKEN" }
        await #expect(throws: HarnessError.self) { _ = try await Program.run(["doctor"], environment: missing) }
    }
}
