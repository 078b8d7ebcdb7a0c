import GrapnelCore
import GrapnelEmulator
import GrapnelFormat
import TestSupport
import Testing

/// The connectors and providers that come with Grapnel.
@Suite struct ShippedConnectorTests {
    /// A test of a connector says exactly what is sent; the stand-in must take that, and nothing less.
    @Test(arguments: ShippedFiles.vendors(with: "connector.yaml"))
    func `what a connector's tests expect to be sent is what its stand-in takes`(_ vendor: String) async throws {
        let connector = try ConnectorDefinition.decode(
            yaml: ShippedFiles.text("connectors/\(vendor)/connector.yaml"), id: vendor, file: "connector.yaml")
        let tests = try ShippedFiles.names(in: "connectors/\(vendor)/tests").map { name in
            try ConnectorTest.decode(
                yaml: ShippedFiles.text("connectors/\(vendor)/tests/\(name)"), name: name, file: name)
        }
        try await Emulated.run(connectors: [vendor: connector]) { emulated in
            for test in tests {
                guard let sent = SentRequest(test, of: connector) else { continue }
                let answer = try await emulated.client.send(
                    sent.method, "/\(vendor)\(sent.target)", headers: sent.headers, body: sent.body)
                let sample = try #require(connector.operation(test.operation)?.sample)
                #expect(answer.status == sample.status, "\(vendor) \(test.name): \(answer.body)")
                let record = try #require(emulated.recorder.requests(after: 0).last)
                #expect(record.operation == test.operation && record.isApplied, "\(vendor) \(test.name)")
            }
            #expect(emulated.recorder.totals.received > 0, "no test of \(vendor) says what is sent")
        }
    }

    @Test(arguments: ShippedFiles.vendors(with: "provider.yaml"))
    func `a provider's trigger is a delivery that the provider's own rules can read`(_ vendor: String) throws {
        let provider = try ProviderDefinition.decode(
            yaml: ShippedFiles.text("connectors/\(vendor)/provider.yaml"), id: vendor, file: "provider.yaml")
        let random = SeededRandomSource(seed: 11)
        let secret =
            vendor.contains("standard-webhooks") || vendor == "svix" ? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" : "s"
        for name in ShippedFiles.names(in: "connectors/\(vendor)/samples") {
            let sample = try #require(
                Sample(fileName: name, body: ShippedFiles.bytes("connectors/\(vendor)/samples/\(name)")))
            let signer = SampleSigner(provider: provider, secret: secret)
            let now = Timestamp(milliseconds: 1_767_603_600_000)
            let first = try signer.request(for: sample, url: "https://h/hooks/x", now: now, random: random)
            let second = try signer.request(for: sample, url: "https://h/hooks/x", now: now, random: random)
            #expect(first != second, "\(name): two triggers are one delivery")
            #expect(first.headers.fields.count > 1)
        }
    }
}
