import GrapnelCore
import GrapnelFormat
import GrapnelRun
import TestSupport
import Testing

/// The runner says what a handler did otherwise than its test expects.
@Suite struct RecipeTestRunnerTests {
    private static let handler = """
        var __mod = { default: async function (event, { call, send, emit, kv, log }) {
          const contact = await call.crm.getContact({ id: String(event.body.number) })
          send.slack.postMessage({ channel: '#c', text: contact.email })
          await kv.set('seen', event.body.number)
          emit('order.told', { to: contact.email }, { key: 'told' })
          log.info('told', { to: contact.email })
          return new Response('thanks', { status: 201 })
        } }
        """

    private func differences(
        _ test: String, keys: String = "reply: { within: 1s, otherwise: { status: 204 } }",
        handler: String = RecipeTestRunnerTests.handler
    ) async throws -> [String] {
        var differences: [String] = []
        let slack = try connector("slack")
        let hubspot = try connector("hubspot")
        let manifest = try RecipeManifest.decode(
            yaml: """
                on: { source: shop, events: [order.created] }
                handler: handler.js
                uses: { crm: [getContact], slack: [postMessage] }
                \(keys)
                """, name: "tested", file: "recipe.yaml")
        let recipe = DeployedRecipe(
            manifest: manifest, version: Sample.version, script: Array(handler.utf8), sourceMap: [])
        let decoded = try RecipeTest.decode(
            yaml: "event: { source: shop, type: order.created, body: { number: 7 } }\n"
                + "calls: { crm.getContact: { output: { email: a@example.com } } }\n" + test,
            name: "a test", file: "test.yaml")
        try await IsolateBench.with { bench async throws in
            let runner = RecipeTestRunner(
                isolates: bench.pool, samples: CheckoutSamples(), provider: { _ in nil }
            ) { connection, operation in (connection == "crm" ? hubspot : slack).operation(operation) }
            differences = await runner.run(decoded, of: recipe).differences
        }
        return differences
    }

    @Test func `a recipe that gathers events is tested with a batch of one`() async throws {
        let handler = "var __mod = { default: (event, { log }) => { log.info(`${event.batch.length}`) } }"
        let found = try await differences(
            "expect: { state: succeeded, log: [{ level: info, message: \"1\" }] }",
            keys: "batch: { size: 9, within: 1s }", handler: handler)
        #expect(found.isEmpty, "\(found)")
    }

    private func connector(_ name: String) throws -> ConnectorDefinition {
        let file = "connectors/\(name)/connector.yaml"
        return try ConnectorDefinition.decode(yaml: Checkout.text(file), id: name, file: file)
    }

    @Test func `a test that holds has no differences`() async throws {
        let found = try await differences(
            """
            expect:
              state: succeeded
              effects:
                - { call: crm.getContact, input: { id: "7" } }
                - { send: slack.postMessage, input: { text: a@example.com } }
              reply: { status: 201, body: thanks }
              kv: { seen: 7 }
              emits: [{ type: order.told, data: { to: a@example.com } }]
              log: [{ level: info, message: told, fields: { to: a@example.com } }]
            """)
        #expect(found == [])
    }

    @Test(arguments: [
        ("expect: { state: dead }", "state"),
        ("expect: { effects: [] }", "effects.0"),
        ("expect: { effects: [{ send: slack.postMessage, input: { text: b } }] }", "effects.0.input.text"),
        ("expect: { effects: [{ call: slack.postMessage }] }", "effects.0"),
        ("expect: { effects: [{ send: slack.postMessage }, { send: slack.postMessage }] }", "effects.1"),
        ("expect: { reply: { status: 200 } }", "reply.status"),
        ("expect: { reply: { body: no } }", "reply.body"),
        ("expect: { kv: { seen: 8 } }", "kv.seen"),
        ("expect: { log: [{ level: info, message: other }] }", "log.0"),
        ("expect: { emits: [] }", "emits.0"),
        ("expect: { emits: [{ type: order.sold }] }", "emits.0"),
        ("expect: { emits: [{ type: order.told, data: { to: b } }] }", "emits.0.data.to"),
        ("expect: { emits: [{ type: order.told }, { type: order.told }] }", "emits.1"),
    ])
    func `what is otherwise is told with its place`(test: String, place: String) async throws {
        let found = try await differences(test)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("\(place)\n") == true, "\(found)")
    }
}
