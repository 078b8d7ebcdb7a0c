import GrapnelCore
import TestSupport
import Testing

/// What the repository brings for its users works.
@Suite struct RepositoryTests {
    @Test func `its recipes and connectors pass their own tests`() async throws {
        let output = try await Program.run(["test", "--json", "--dir", Checkout.root])
        let tests = try JSONParser.parse(Array(output.utf8))["tests"]?.array ?? []
        #expect(tests.count > 30)
        for test in tests { #expect(test["passed"]?.bool == true, "\(JSONWriter.text(test))") }
        for recipe in Checkout.names(in: "recipes") {
            let own = tests.filter { $0["subject"]?.string == "recipes/\(recipe)" }
            #expect(own.count >= 3, "\(recipe) has three tests at least")
        }
    }

    @Test func `its hub directory has no mistakes`() async throws {
        var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        for name in [
            "GITHUB_WEBHOOK_SECRET", "TWILIO_AUTH_TOKEN", "HUBSPOT_CLIENT_SECRET", "SLACK_BOT_TOKEN",
            "HUBSPOT_ACCESS_TOKEN", "ENRICHMENT_API_KEY",
        ] { environment[name] = "a-secret" }
        let output = try await Program.run(["check", "--json", "--dir", Checkout.root], environment: environment)
        let problems = try JSONParser.parse(Array(output.utf8))["problems"]?.array ?? []
        #expect(problems.isEmpty)
    }
}
