import Glibc
import GrapnelCore
import GrapnelFormat
import GrapnelRun
import Subprocess
import TestSupport
import Testing

/// What `grapnel types` writes, judged by the TypeScript compiler.
@Suite struct HandlerTypesTests {
    private func types(handler: String, keys: String = "") throws -> HandlerTypes {
        let manifest = try RecipeManifest.decode(
            yaml: """
                on: { source: crm, events: [contact.creation, contact.deletion] }
                handler: \(handler)
                uses: { chat: [postMessage], crm: [getContact] }
                variables: { CHANNEL: "#sales" }
                \(keys)
                """, name: "typed", file: "recipe.yaml")
        let connectors = ["chat": try connector("slack"), "crm": try connector("hubspot")]
        return HandlerTypes(manifest: manifest) { connection, operation in
            connectors[connection]?.operation(operation)
        }
    }

    private func connector(_ name: String) throws -> ConnectorDefinition {
        let file = "connectors/\(name)/connector.yaml"
        return try ConnectorDefinition.decode(yaml: Checkout.text(file), id: name, file: file)
    }

    /// What the compiler says of the files of a folder; empty when it is content.
    private func mistakes(
        _ files: [String: String], handler: String = "handler.ts", keys: String = ""
    ) async throws -> String {
        let folder = try TemporaryDirectory()
        let types = try types(handler: handler, keys: keys)
        let written = [HandlerTypes.fileName: types.declarations, types.settings.fileName: types.settings.text]
        for (name, text) in files.merging(written, uniquingKeysWith: { $1 }) {
            try #require(FileText.write(text, to: folder.file(name)))
        }
        return try await Subprocess.run(
            .name("tsc"), arguments: ["--project", folder.file(types.settings.fileName)],
            output: .string(limit: 65_536), error: .discarded
        ).standardOutput
    }

    private static let good = """
        import type { Handler } from './grapnel'

        const handler: Handler = async (event, { call, send, kv, log, env, run }) => {
          if (event.type === 'contact.deletion') throw new Discard('gone')
          const contact = await call.crm.getContact({ id: event.body.objectId, properties: ['email'] }, { timeout: '5s' })
          const email: string = contact.properties.email
          send.chat.postMessage({ channel: env.CHANNEL, text: `${email} ${run.attempt}` }, { key: 'told' })
          await kv.set('seen', event.id, { ttl: '7d' })
          log.info('told', { email })
          return new Response('ok', { status: 200 })
        }
        export default handler

        """

    /// Changes of the good handler, each with what the compiler says of it.
    private static let changes: [(from: String, to: String, said: String)] = [
        ("env.CHANNEL,", "env.CHANEL,", "'CHANEL' does not exist"),
        ("channel: env", "chanel: env", "{ chanel: string;"),
        (", text: `${email} ${run.attempt}`", "", "is not assignable"),
        ("id: event.body.objectId", "id: true", "'boolean' is not assignable to type 'string | number'"),
        ("call.crm.getContact", "call.crm.getContct", "'getContct' does not exist"),
        ("call.crm.", "call.erp.", "'erp' does not exist"),
        ("'contact.deletion'", "'contact.update'", "no overlap"),
        ("email: string", "email: number", "not assignable to type 'number'"),
        ("key: 'told'", "delay: true", "'true' is not assignable to type 'Duration | undefined'"),
    ]

    @Test func `a good handler has no mistakes, and those of bad ones are found`() async throws {
        var files = ["good.ts": Self.good]
        for (index, change) in Self.changes.enumerated() {
            let parts = Self.good.split(separator: change.from, maxSplits: 1, omittingEmptySubsequences: false)
            try #require(parts.count == 2)
            files["bad\(index).ts"] = parts.joined(separator: change.to)
        }
        let lines = try await mistakes(files).split(separator: "\n")
        #expect(!lines.contains { $0.contains("good.ts") }, "\(lines)")
        for (index, change) in Self.changes.enumerated() {
            let found = lines.filter { $0.contains("bad\(index).ts(") }
            #expect(found.contains { $0.contains(change.said) }, "\(change): \(found)")
        }
    }

    @Test func `a handler in JavaScript is checked by one comment, and left alone without it`() async throws {
        let plain = "export default async function (event, { call }) {\n  return call.crm.getContct({ id: 1 })\n}\n"
        let typed = "/** @type {import('./grapnel').Handler} */\n" + plain
        let found = try await mistakes(["handler.js": plain, "typed.js": typed], handler: "handler.js")
        #expect(!found.contains("handler.js"), "\(found)")
        #expect(found.contains("'getContct' does not exist"), "\(found)")
    }

    @Test(arguments: [("batch: { size: 9, within: 1s }", true), ("", false)])
    func `a batch is there for a recipe that gathers one`(keys: String, isThere: Bool) async throws {
        let handler = """
            import type { Handler } from './grapnel'
            const handler: Handler = (event) => event.batch.map((one) => `${one.type} ${one.body.id}`)
            export default handler

            """
        let found = try await mistakes(["handler.ts": handler], keys: keys)
        #expect(found.isEmpty == isThere, "\(found)")
        #expect(found.contains("'batch' does not exist") != isThere)
    }

    @Test func `settings fit the handler`() throws {
        #expect(try types(handler: "handler.ts").settings.fileName == "tsconfig.json")
        #expect(try types(handler: "handler.js").settings.fileName == "jsconfig.json")
    }
}
