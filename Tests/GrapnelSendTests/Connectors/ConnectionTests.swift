import GrapnelCore
import GrapnelFormat
import GrapnelSend
import Testing

@Suite struct ConnectionTests {
    private func check(_ configuration: ConnectionConfiguration) throws -> String? {
        let connectors = try ShippedConnectors.names.reduce(into: [String: ConnectorDefinition]()) {
            $0[$1] = try ShippedConnectors.definition($1)
        }
        return ConnectionTable.check([configuration], connectors: connectors).errors.first?.description
    }

    @Test func `a plain connection is fine`() throws {
        let configuration = ConnectionConfiguration(
            name: "slack", connector: "slack", credentials: ["token": "SLACK_BOT_TOKEN"])
        #expect(try check(configuration) == nil)
    }

    @Test func `a connector that does not exist is named with those that do`() throws {
        let error = try check(ConnectionConfiguration(name: "crm", connector: "hubspotty"))
        #expect(error?.contains("hubspotty") == true && error?.contains("hubspot, slack") == true)
    }

    @Test func `a credential that the connector does not know is an error`() throws {
        let error = try check(
            ConnectionConfiguration(name: "slack", connector: "slack", credentials: ["tokn": "SLACK_BOT_TOKEN"]))
        #expect(error?.contains("tokn") == true && error?.contains("token, webhook_url") == true)
    }

    @Test func `an address that is none, or missing, is an error`() throws {
        let error = try check(
            ConnectionConfiguration(name: "app", connector: "http", baseURL: "https://user@app.example"))
        #expect(error?.contains("base_url") == true)
        #expect(try check(ConnectionConfiguration(name: "app", connector: "http"))?.contains("base_url") == true)
        #expect(try check(ConnectionConfiguration(name: "app", connector: "http", hosts: ["app.example"])) == nil)
    }
}
