import GrapnelCore
import GrapnelEmulator
import GrapnelFormat
import TestSupport
import Testing

/// The connectors and providers that come with Grapnel.
@Suite struct ShippedConnectorTests {
    /// The vendors that have this file.
    static func vendors(with file: String) -> [String] {
        Checkout.names(in: "connectors").filter { Checkout.exists("connectors/\($0)/\(file)") }
    }

    /// A test of a connector says exactly what is sent; the stand-in must take that, and nothing less.
    @Test(arguments: vendors(with: "connector.yaml"))
    func `what a connector's tests expect to be sent is what its stand-in takes`(_ vendor: String) async throws {
        let connector = try ConnectorDefinition.decode(
            yaml: Checkout.text("connectors/\(vendor)/connector.yaml"), id: vendor, file: "connector.yaml")
        let tests = try Checkout.names(in: "connectors/\(vendor)/tests").map { name in
            try ConnectorTest.decode(
                yaml: Checkout.text("connectors/\(vendor)/tests/\(name)"), name: name, file: name)
        }
        try await Emulated.run(connectors: [vendor: connector]) { emulated in
            for test in tests {
                guard let sent = SentRequest(test, of: connector) else { continue }
                let answer = try await emulated.client.send(
                    sent.method, "/\(vendor)\(sent.target)", headers: sent.headers, body: sent.body)
                let operation = try #require(connector.operation(test.operation))
                let lookup = test.isLookup ? operation.reconcile?.operation : nil
                let sample = try #require(connector.operation(lookup ?? operation.name)?.sample)
                #expect(answer.status == sample.status, "\(vendor) \(test.name): \(answer.body)")
                let record = try #require(emulated.recorder.requests(after: 0).last)
                #expect(record.operation == lookup ?? operation.name && record.isApplied, "\(vendor) \(test.name)")
            }
            #expect(emulated.recorder.totals.received > 0, "no test of \(vendor) says what is sent")
        }
    }

    @Test(arguments: vendors(with: "provider.yaml"))
    func `every trigger of a shipped sample is a new delivery`(_ vendor: String) throws {
        let provider = try ProviderDefinition.decode(
            yaml: Checkout.text("connectors/\(vendor)/provider.yaml"), id: vendor, file: "provider.yaml")
        let signer = SampleSigner(provider: provider, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let random = SeededRandomSource(seed: 11)
        for name in Checkout.names(in: "connectors/\(vendor)/samples") {
            let sample = try #require(
                Sample(fileName: name, body: Checkout.bytes("connectors/\(vendor)/samples/\(name)")))
            let requests = try (0..<2).map { _ in
                try signer.request(for: sample, url: "https://h/hooks/x", now: ManualClock().now(), random: random)
            }
            #expect(requests[0].headers.fields.count > 1, "\(vendor) \(name) is not signed")
            // A vendor without delivery ids has none to make new, and a handshake is no delivery.
            guard provider.event.id != nil, !isHandshake(requests[0], of: provider) else { continue }
            let isNew = requests[0] != requests[1]
            #expect(isNew, "\(vendor) \(name)")
        }
    }

    private func isHandshake(_ request: TriggerRequest, of provider: ProviderDefinition) -> Bool {
        let inbound = InboundRequest(
            method: request.method, url: request.url, query: "", headers: request.headers, body: request.body,
            peer: "", receivedAt: ManualClock().now())
        return provider.handshakes.contains { $0.condition.matches(RequestScope(inbound)) }
    }
}
