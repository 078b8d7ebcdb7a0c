import GrapnelCore
import GrapnelFormat
import GrapnelSend
import Testing

@Suite struct ShippedConnectorTests {
    @Test(arguments: ShippedConnectors.names)
    func `a shipped connector passes its own tests`(name: String) throws {
        let connector = try ShippedConnectors.definition(name)
        for test in try ShippedConnectors.tests(name) {
            let faults = ConnectorTestRunner.run(test, of: connector)
            #expect(faults.isEmpty, "\(name)/tests/\(test.name).yaml: \(faults.joined(separator: "; "))")
        }
    }

    @Test(arguments: ShippedConnectors.names)
    func `every operation says what it does, where that is documented, and has a test`(name: String) throws {
        let connector = try ShippedConnectors.definition(name)
        let tested = Set(try ShippedConnectors.tests(name).map(\.operation))
        for operation in connector.operations {
            #expect(!operation.summary.isEmpty)
            #expect(operation.docs.hasPrefix("https://"))
            #expect(tested.contains(operation.name) || name == "http", "\(name).\(operation.name) has no test")
        }
    }

    @Test(arguments: ShippedConnectors.names)
    func `the sample of every operation reads as a success`(name: String) throws {
        let connector = try ShippedConnectors.definition(name)
        for test in try ShippedConnectors.tests(name) where test.expectedURL != nil {
            var test = test
            test.answer = nil
            test.output = nil
            test.error = nil
            let faults = ConnectorTestRunner.run(test, of: connector)
            #expect(faults.isEmpty, "\(name).\(test.operation): \(faults.joined(separator: "; "))")
        }
    }

    @Test func `a test that expects something else fails and says what`() throws {
        let connector = try ShippedConnectors.definition("slack")
        var test = try #require(try ShippedConnectors.tests("slack").first { $0.name == "postMessage" })
        test.expectedMethod = "PUT"
        test.expectedHeaders?["Authorization"] = nil
        test.expectedBody = ["channel": "#other"]
        test.output = ["ts": "…9999"]
        let faults = ConnectorTestRunner.run(test, of: connector)
        #expect(faults.count == 4)
        #expect(faults.contains { $0.hasPrefix("method: expected PUT") })
        #expect(faults.contains { $0.hasPrefix("header Authorization: not expected") })
    }
}
