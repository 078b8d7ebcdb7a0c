import Glibc
import GrapnelCore
import GrapnelRun
import TestSupport
import Testing

/// WebAssembly, in the kind of isolate that has it, and nowhere else.
@Suite struct WebAssemblyTests {
    /// `(module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))`
    static let module: [UInt8] = [
        0, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 1, 7, 1, 0x60, 2, 0x7F, 0x7F, 1, 0x7F, 3, 2, 1, 0, 7, 7, 1, 3, 0x61, 0x64,
        0x64, 0, 0, 10, 9, 1, 7, 0, 0x20, 0, 0x20, 1, 0x6A, 0x0B,
    ]

    @Test func `a module that a recipe imports runs in its own kind of isolate`() async throws {
        let folder = try TemporaryDirectory()
        let file = try #require(fopen(folder.file("add.wasm"), "wb"))
        fwrite(Self.module, 1, Self.module.count, file)
        fclose(file)
        #expect(
            FileText.write(
                """
                import bytes from './add.wasm'
                export default async function (event) {
                  const { instance } = await WebAssembly.instantiate(bytes)
                  const again = new WebAssembly.Instance(await WebAssembly.compile(bytes))
                  let sum = 0
                  for (let i = 0; i < 100_000; i++) sum = instance.exports.add(sum, i) | 0
                  return [instance.exports.add(40, 2), again.exports.add(1, 1), sum]
                }
                """, to: folder.file("handler.js")))
        let bundle = try await Bundler().bundle(BundleSource(folder: folder.file(""), files: ["handler.js"]))
        let job = IsolateJob(
            tenant: .default, recipe: "wasm", version: Sample.version, source: bundle.script,
            run: Identifier(high: 2, low: 1), attempt: 1, event: Sample.event())
        try await IsolateBench.with(allowsWebAssembly: true) { bench async throws in
            for _ in 0..<20 {
                var fresh = job
                fresh.isFresh = true
                let outcome = await bench.pool.execute(fresh, host: RecordingHost())
                #expect(outcome.result == .returned([42, 2, 704_982_704]))
            }
            let memory = await bench.run("new WebAssembly.Memory({ initial: 16384 }); return 'had it'")
            #expect(memory.result != .returned("had it"))
        }
        try await IsolateBench.with { bench async throws in
            let outcome = await bench.pool.execute(job, host: RecordingHost())
            guard case .failed(let failure) = outcome.result else {
                Issue.record("\(outcome.result)")
                return
            }
            #expect(failure.message.contains("WebAssembly"))
        }
    }
}
