import Glibc
import GrapnelCore
import GrapnelFormat
import GrapnelRun
import Logging
import TestSupport
import Testing

/// How recipes whose handlers are programs are deployed, refused and kept.
@Suite struct ProcessDeploymentTests {
    private static let allowed = ProcessPolicy(isEnabled: true, bubblewrap: "/usr/bin/bwrap")

    private let hub: TemporaryDirectory
    private let catalog = FixedCatalog(connections: [:])

    init() throws { hub = try TemporaryDirectory() }

    private func write(_ keys: String = "handler: ./handler.sh", program: String = "#!/bin/sh\n") throws {
        try #require(FileText.write("on: { source: github }\n\(keys)\n", to: hub.file("recipes/r/recipe.yaml")))
        try #require(FileText.write(program, to: hub.file("recipes/r/handler.sh")))
        chmod(hub.file("recipes/r/handler.sh"), 0o755)
    }

    private func store() -> DeploymentStore {
        DeploymentStore(loader: RecipeLoader(bundles: BundleStore(folder: hub.file("state/bundles"))))
    }

    private func load(_ store: DeploymentStore, _ policy: ProcessPolicy = allowed) async -> DeploymentReport {
        await store.load(hubFolder: hub.path, sources: ["github"], catalog: catalog, processes: policy)
    }

    private func problem(_ policy: ProcessPolicy = allowed) async -> String {
        await load(store(), policy).refusals.flatMap(\.problems).joined(separator: "\n")
    }

    @Test func `the operator must have allowed it`() async throws {
        try write()
        let problem = await problem(ProcessPolicy())
        #expect(problem.hasPrefix("recipes/r/recipe.yaml:2:10:"), "\(problem)")
        #expect(problem.contains("process_handlers: true in grapnel.yaml"))
        #expect(await load(store()).refusals.isEmpty)
    }

    @Test func `without bubblewrap it is refused with what to install, unless it says sandbox none`() async throws {
        try write()
        let bare = ProcessPolicy(isEnabled: true)
        #expect(await problem(bare).contains("apt-get install bubblewrap"))
        try write("handler: ./handler.sh\nsandbox: none")
        #expect(await load(store(), bare).refusals.isEmpty)
    }

    @Test func `no sandbox is for one tenant`() async throws {
        try write("handler: ./handler.sh\nsandbox: none")
        var shared = Self.allowed
        shared.tenants = 2
        #expect(await problem(shared).contains("one tenant"))
        try write()
        #expect(await load(store(), shared).refusals.isEmpty)
    }

    @Test func `a program that is not there or not executable is refused`() async throws {
        try write()
        chmod(hub.file("recipes/r/handler.sh"), 0o644)
        #expect(await problem().contains("chmod +x"))
        unlink(hub.file("recipes/r/handler.sh"))
        #expect(await problem().contains("there is no file handler.sh"))
        try write("handler: { command: [nothing-of-the-kind] }")
        #expect(await problem().contains("there is no program nothing-of-the-kind"))
    }

    @Test func `a link that leads out of the folder is refused`() async throws {
        try write()
        try #require(FileText.write("secret", to: hub.file("key")))
        symlink(hub.file("key"), hub.file("recipes/r/key"))
        #expect(await problem().contains("key leads out of the recipe's folder"))
    }

    @Test func `a version is of the files, their rights and the manifest`() async throws {
        try write()
        let store = store()
        var versions = [await load(store).activated["r"]]
        #expect(await load(store).activated.isEmpty)
        try #require(FileText.write("expect: {}", to: hub.file("recipes/r/tests/a.yaml")))
        try #require(FileText.write("x", to: hub.file("recipes/r/__pycache__/a.pyc")))
        #expect(await load(store).activated.isEmpty)
        try #require(FileText.write("1", to: hub.file("recipes/r/lib/data.txt")))
        versions.append(await load(store).activated["r"])
        chmod(hub.file("recipes/r/lib/data.txt"), 0o755)
        versions.append(await load(store).activated["r"])
        try write("handler: ./handler.sh\nvariables: { A: b }")
        versions.append(await load(store).activated["r"])
        #expect(Set(versions.compactMap { $0?.hash }).count == 4)
    }

    @Test func `an earlier version keeps its files`() async throws {
        try write(program: "#!/bin/sh\necho one\n")
        let store = store()
        let first = try #require(await load(store).activated["r"])
        try write(program: "#!/bin/sh\necho two\n")
        let second = try #require(await load(store).activated["r"])
        let restarted = self.store()
        _ = await load(restarted)
        let recipe = try #require(restarted.recipe("r", version: first))
        let program = try #require(recipe.program)
        #expect(program.folder == hub.file("state/bundles/\(first.hash)/files"))
        #expect(restarted.current.recipes["r"]?.version == second)
        let pool = ProcessPool(
            configuration: ProcessPoolConfiguration(bubblewrap: try ProcessBench.bubblewrap(), programs: ""),
            clock: SystemClock(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let handler = ProcessHandler(command: program.handler.command, mode: .once)
        for (version, word) in [(first, "one"), (second, "two")] {
            let files = hub.file("state/bundles/\(version.hash)/files")
            let outcome = await pool.execute(
                IsolateJob(
                    tenant: .default, recipe: "r", version: version, source: [], run: Identifier(high: 2, low: 1),
                    attempt: 1, event: Sample.event(), process: ProcessProgram(handler: handler, folder: files)),
                host: RecordingHost())
            #expect(outcome.result == .returned(.string(word)))
        }
    }

    @Test func `a job goes where its handler belongs`() async throws {
        let scripted = ScriptedIsolates { _, _ in Sample.outcome(.returned("isolate")) }
        let programs = ScriptedIsolates { _, _ in Sample.outcome(.returned("process")) }
        let executor = HandlerExecutor(isolates: scripted, webAssembly: scripted, processes: programs)
        try write()
        let store = store()
        _ = await load(store)
        let recipe = try #require(store.current.recipes["r"])
        let host = RecordingHost()
        #expect(await executor.execute(recipe.job(for: Sample.run()), host: host).result == .returned("process"))
        let script = try Sample.recipe().job(for: Sample.run())
        #expect(await executor.execute(script, host: host).result == .returned("isolate"))
    }
}
