import Glibc
import GrapnelCore
import GrapnelRun
import TestSupport
import Testing

/// What a handler imports: its own files, packages, shared code, Node's modules.
@Suite struct ModuleTests {
    private static let package = [
        "node_modules/checksum/package.json": #"{ "name": "checksum", "version": "1.0.0", "main": "lib/index.js" }"#,
        "node_modules/checksum/lib/index.js": """
        'use strict'
        const crypto = require('crypto')
        module.exports = function checksum(text) {
          if (text === undefined) throw new TypeError('nothing to sum')
          return crypto.createHash('sha256').update(text).digest('hex').slice(0, 8)
        }

        """,
    ]

    @Test func `a throw in a TypeScript handler names its own file, line and column, through a package`() async throws {
        let handler = """
            import checksum from 'checksum'

            interface Order { id: string; note?: string }

            function sum(order: Order): string {
              return checksum(order.note as string)
            }

            export default async function (event: { body: Order }): Promise<string> {
              return sum(event.body)
            }

            """
        let bench = try RecipeBench(
            "handler: handler.ts", files: Self.package.merging(["handler.ts": handler]) { $1 })
        #expect(try await bench.value(Sample.event(body: #"{"id":"1","note":"hello"}"#)) == "2cf24dba")
        let failure = try await bench.failure(Sample.event(body: #"{"id":"1"}"#))
        #expect(failure.message == "TypeError: nothing to sum")
        let frames = try #require(failure.stack).split(separator: "\n")
        #expect(frames.first?.contains("node_modules/checksum/lib/index.js:4:") == true, "\(frames)")
        #expect(frames.contains("at sum (handler.ts:6:10)"), "\(frames)")
        #expect(frames.contains { $0.hasSuffix("(handler.ts:10:10)") }, "\(frames)")
    }

    @Test func `JSON, other files and shared code are imported`() async throws {
        let bench = try RecipeBench(
            "handler: handler.ts",
            files: [
                "handler.ts": """
                import prices from './prices.json'
                import { shout } from '_shared/text'
                import { twice } from '../_shared/numbers.js'
                export default () => shout(String(twice(prices.apple)))
                """,
                "prices.json": #"{ "apple": 21 }"#,
                "../_shared/text.ts": "export const shout = (text: string): string => `${text}!`\n",
                "../_shared/numbers.js": "export const twice = (n) => 2 * n\n",
            ])
        #expect(try await bench.value() == "42!")
    }

    @Test func `a change of shared code is a new version, and its lines stand in stacks`() async throws {
        let bench = try RecipeBench(
            "handler: handler.js",
            files: [
                "handler.js": "import { go } from '_shared/go'\nexport default () => go()\n",
                "../_shared/go.js": "export const go = () => 1\n",
            ])
        let loader = RecipeLoader(bundles: bench.bundles())
        let first = try await bench.recipe(loader).version
        #expect(try await bench.recipe(loader).version == first)
        try bench.write("// now it throws\nexport const go = () => { throw new Error('no') }\n", to: "../_shared/go.js")
        #expect(try await bench.recipe(loader).version != first)
        let failure = try await bench.failure()
        #expect(failure.stack?.contains("(_shared/go.js:2:") == true, "\(failure.stack ?? "")")
    }

    @Test func `shared code is no recipe`() async throws {
        let bench = try RecipeBench("handler: handler.js", files: ["../_shared/x.js": "", "handler.js": ""])
        #expect(bench.names == ["tested"])
    }

    @Test func `a module that is missing is named with the file that wanted it`() async throws {
        let bench = try RecipeBench(
            "handler: handler.js",
            files: [
                "handler.js": "import './more'\nimport x from '_shared/gone'\nexport default () => x\n",
                "more.js": "const pad = require('left-pad')\nconst fs = require('fs')\n",
            ])
        let problems = try await bench.problems()
        #expect(problems.count == 3, "\(problems)")
        let pad = try #require(problems.first { $0.contains("left-pad") })
        #expect(pad.hasPrefix("recipes/tested/more.js:1:21: Could not resolve \"left-pad\": install the package"))
        #expect(pad.hasSuffix("const pad = require('left-pad')"))
        #expect(problems.contains { $0.contains("more.js:2:") && $0.contains("not this module of Node") })
        #expect(
            problems.contains { $0.contains("handler.js:2:") && $0.contains("\"_shared/gone\": there is no such file") }
        )
    }

    @Test func `a package of the recipe goes before the one of the shelf`() async throws {
        let bench = try RecipeBench(
            "handler: handler.js",
            files: [
                "handler.js": "import axios from 'axios'\nimport _ from 'lodash'\nexport default () => [axios, _]\n",
                "node_modules/axios/index.js": "module.exports = 'own axios'\n",
                "node_modules/lodash/index.js": "module.exports = 'own lodash'\n",
            ])
        #expect(try await bench.value() == ["own axios", "own lodash"])
    }

    @Test func `lodash, uuid and moment come from the machine, also by a version`() async throws {
        let bench = try RecipeBench(
            "handler: handler.js\nstyle: webtask",
            files: [
                "handler.js": """
                const _ = require('lodash@4.17.10'), get = require('lodash/get'), moment = require('moment')
                const { v4, v5 } = require('uuid')
                module.exports = (cb) => cb(null, [
                  _.chunk([1, 2, 3], 2), get({ a: { b: 1 } }, 'a.b'), moment.utc(0).add(1, 'day').format('YYYY-MM-DD'),
                  v4().length, v5('example.com', v5.DNS)])
                """
            ])
        let reply = try await bench.reply()
        #expect(
            String(decoding: reply.body, as: UTF8.self)
                == #"[[[1,2],[3]],1,"1970-01-02",36,"cfbff0d1-9375-5685-968c-48ce8b15ae17"]"#)
    }

    @Test func `a file that cannot be read as code is shown with its line`() async throws {
        let bench = try RecipeBench(
            "handler: handler.ts", files: ["handler.ts": "export default (event: any) => {\n  return event.\n}\n"])
        #expect(
            try await bench.problems() == ["recipes/tested/handler.ts:3:1: Expected identifier but found \"}\"\n    }"])
    }

    @Test func `nothing from outside of the recipe goes into a bundle`() async throws {
        let folder = try TemporaryDirectory()
        let secret = folder.file("secret.json")
        #expect(FileText.write("{}", to: secret))
        let recipe = try TemporaryDirectory()
        #expect(FileText.write("import s from '\(secret)'; export default () => s", to: recipe.file("handler.js")))
        await #expect(throws: BundleError.self) {
            try await Bundler().bundle(BundleSource(folder: recipe.path, files: ["handler.js"]))
        }
        #expect(symlink(secret, recipe.file("link.json")) == 0)
        #expect(FileText.write("import s from './link.json'; export default () => s", to: recipe.file("handler.js")))
        await #expect(throws: BundleError.self) {
            try await Bundler().bundle(BundleSource(folder: recipe.path, files: ["handler.js"]))
        }
    }
}
