import Glibc
import GrapnelCore
import GrapnelRun
import TestSupport
import Testing

/// Zygotes come and go, and no run that has not begun is lost by it.
@Suite struct ZygoteTests {
    /// The processes that run a program.
    private static func processes(of program: String) -> [pid_t] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var found: [pid_t] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var path = [CChar](repeating: 0, count: 4096)
            guard let process = pid_t(name) else { continue }
            let count = readlink("/proc/\(process)/exe", &path, path.count)
            guard count > 0 else { continue }
            if path[..<count].elementsEqual(program.utf8.map { CChar(bitPattern: $0) }) { found.append(process) }
        }
        return found.sorted()
    }

    @Test func `a zygote that has forked enough is followed by another`() async throws {
        let directory = try TemporaryDirectory()
        let program = directory.file("grapnel-isolate")
        try SandboxTarget.copy("\(Checkout.root)/.build/debug/grapnel-isolate", to: program)
        try await IsolateBench.with(zygoteForks: 3, executable: program) { bench async throws in
            _ = try await bench.value("return 1")
            let first = try #require(Self.processes(of: program).first)
            // Each takes a child of its own; the ones without code die with their zygote.
            for number in 0..<400 where Self.processes(of: program).contains(first) || number < 12 {
                let outcome = await bench.run("return \(number)", isFresh: true)
                #expect(outcome.result == .returned(.integer(Int64(number))))
            }
            // The one that still serves its code kept its zygote; now it goes.
            bench.pool.retire(version: IsolateBench.version(of: IsolateBench.source("return 1")))
            for number in 0..<400 where Self.processes(of: program).contains(first) {
                _ = await bench.run("return \(number)", isFresh: true)
            }
            #expect(!Self.processes(of: program).contains(first))
            #expect(try await bench.value("return 'next'") == "next")
        }
    }

    @Test func `when a zygote is killed its runs are handed on, and another serves`() async throws {
        let directory = try TemporaryDirectory()
        let program = directory.file("grapnel-isolate")
        try SandboxTarget.copy("\(Checkout.root)/.build/debug/grapnel-isolate", to: program)
        try await IsolateBench.with(executable: program) { bench async throws in
            _ = try await bench.value("return 1")
            let zygote = try #require(Self.processes(of: program).first)
            let host = RecordingHost { _ in
                kill(zygote, SIGKILL)
                return .text(nil)
            }
            let outcome = await bench.run(
                "await call.slack.postMessage({}); await new Promise((done) => setTimeout(done, 20_000))", host: host)
            guard case .failed(let failure) = outcome.result else {
                Issue.record("\(outcome.result)")
                return
            }
            #expect(failure.kind == .leaseLost, "\(failure)")
            #expect(!failure.kind.isDeath, "it is no fault of the handler")
            #expect(try await bench.value("return 'next'") == "next")
        }
    }

    @Test func `without a compiler everything works, slower`() async throws {
        try await IsolateBench.with(allowsJIT: false) { bench async throws in
            let value = try await bench.value(
                """
                let sum = 0
                for (let i = 0; i < 100_000; i++) sum += i % 7
                return { sum, text: `${new URL('https://a.example/b?c=d').searchParams.get('c')}`, re: /(\\d+)/.exec('a12')[1] }
                """)
            #expect(value == ["sum": 299_995, "text": "d", "re": "12"])
            let layers = bench.pool.report.layers
            #expect(SandboxReport.Layer.allCases.allSatisfy { layers[$0] == .active })
        }
    }
}
