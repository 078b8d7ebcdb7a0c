import Glibc
import GrapnelCore
import GrapnelRun
import TestSupport
import Testing

@Suite struct BundlerTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func write(_ text: String, to name: String) throws {
        try #require(FileText.write(text, to: folder.file(name)))
    }

    private func bundle(_ handler: String) async throws(BundleError) -> RecipeBundle {
        try await Bundler().bundle(BundleSource(folder: folder.path, files: [handler]))
    }

    @Test func `a TypeScript handler and what it imports become one script`() async throws {
        try write("export const hello = (name: string): string => `Hello ${name}`\n", to: "hello.ts")
        try write(
            "import { hello } from './hello'\n\nexport default async (event: any) => hello(event.body.name)\n",
            to: "handler.ts")
        let bundle = try await bundle("handler.ts")
        let script = String(decoding: bundle.script, as: UTF8.self)
        #expect(script.hasPrefix("var __mod = "))
        #expect(!script.contains("import "))
        #expect(bundle.inputs == ["handler.ts", "hello.ts"])
        let map = try #require(SourceMap(json: bundle.sourceMap))
        #expect(Set(map.sources) == ["handler.ts", "hello.ts"])
        let line = try #require(
            script.split(separator: "\n", omittingEmptySubsequences: false)
                .firstIndex { $0.contains("`Hello") })
        #expect(map.original(line: line + 1, column: 10)?.file == "hello.ts")
    }

    @Test func `equal sources make equal bundles`() async throws {
        try write("export default () => 1\n", to: "handler.js")
        let first = try await bundle("handler.js")
        let second = try await bundle("handler.js")
        #expect(first == second)
    }

    @Test func `a mistake is shown with its file, place and line`() async throws {
        try write("export default () => {\n  const x = ;\n}\n", to: "handler.js")
        let error = try #require(await #expect(throws: BundleError.self) { try await self.bundle("handler.js") })
        let problem = try #require(error.problems.first)
        #expect(problem.file == "handler.js")
        #expect(problem.line == 2)
        #expect(problem.column == 13)
        #expect(problem.source == "const x = ;")
        #expect(problem.description == "handler.js:2:13: Unexpected \";\"\n    const x = ;")
    }

    @Test(arguments: ["fs", "node:child_process", "fs/promises"])
    func `a module of node is refused with what to use instead`(module: String) async throws {
        try write("import x from '\(module)'\nexport default () => x\n", to: "handler.js")
        let error = try #require(await #expect(throws: BundleError.self) { try await self.bundle("handler.js") })
        #expect(error.problems.first?.message.contains("not this module of Node") == true)
        #expect(error.problems.first?.line == 1)
    }

    @Test func `every module that is missing is named`() async throws {
        try write("import a from 'left-pad'\nimport b from './gone'\nexport default () => [a, b]\n", to: "handler.js")
        let error = try #require(await #expect(throws: BundleError.self) { try await self.bundle("handler.js") })
        #expect(error.problems.count == 2)
        #expect(error.problems.contains { $0.message.contains("npm install left-pad") })
        #expect(error.problems.contains { $0.message.contains("there is no such file") })
    }

    @Test func `a script over the limit is refused`() async throws {
        try write("export default () => '\(String(repeating: "x", count: 5000))'\n", to: "handler.js")
        let bundler = Bundler(limits: .init(script: .kibibytes(4)))
        let error = try #require(
            await #expect(throws: BundleError.self) {
                try await bundler.bundle(BundleSource(folder: self.folder.path, files: ["handler.js"]))
            })
        #expect(error.description.contains("4KiB"))
    }

    @Test func `a bundler that hangs is ended`() async throws {
        try write("export default () => 1\n", to: "handler.js")
        let program = folder.file("slow")
        try write("#!/bin/sh\nexec sleep 600\n", to: "slow")
        chmod(program, 0o755)
        let clock = ManualClock()
        let bundler = Bundler(executable: program, limits: .init(time: .seconds(3)), clock: clock)
        async let result = #expect(throws: BundleError.self) {
            try await bundler.bundle(BundleSource(folder: self.folder.path, files: ["handler.js"]))
        }
        try await Patience.until { clock.sleeperCount > 0 }
        clock.advance(by: .seconds(3))
        let error = await result
        #expect(error?.description.contains("longer than 3s") == true)
    }

    @Test func `a missing bundler is told with what to install`() async throws {
        try write("export default () => 1\n", to: "handler.js")
        let bundler = Bundler(executable: folder.file("none"))
        let error = try #require(
            await #expect(throws: BundleError.self) {
                try await bundler.bundle(BundleSource(folder: self.folder.path, files: ["handler.js"]))
            })
        #expect(error.description == "esbuild is not installed: apt-get install esbuild")
    }
}
