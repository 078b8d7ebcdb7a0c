import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelRun
import Logging
import TestSupport
import Testing

@Suite struct QuietWatchTests {
    private func watch(_ bench: DispatchBench, _ notices: RecordingNotices, quiet: Duration? = .seconds(3600))
        -> QuietWatch
    {
        QuietWatch(
            sources: [SourceConfiguration(name: "github", provider: "github", quiet: quiet)], reader: bench.queue,
            notices: notices, clock: bench.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func bench() async throws -> DispatchBench {
        try await DispatchBench(recipes: []) { _, _ in Sample.outcome(.returned(nil)) }
    }

    @Test func `a source that falls silent is told, by the same occasion until it speaks again`() async throws {
        let bench = try await bench()
        let notices = RecordingNotices()
        try await bench.accept([])
        let last = bench.clock.now()
        let watch = watch(bench, notices)
        bench.clock.advance(by: .seconds(3599))
        await watch.look()
        #expect(notices.posted.isEmpty)
        bench.clock.advance(by: .seconds(1))
        await watch.look()
        bench.clock.advance(by: .seconds(86_400))
        // As after a restart.
        await self.watch(bench, notices).look()
        #expect(notices.posted.map(\.kind) == [.sourceQuiet, .sourceQuiet])
        #expect(notices.posted.map(\.occasion) == [last.description, last.description])
        #expect(notices.posted.first?.subject == "github")
        #expect(notices.posted.first?.message.contains("1h") == true)
        try await bench.accept([])
        await watch.look()
        #expect(notices.posted.count == 2)
        await bench.queue.close()
    }

    @Test func `a source that never spoke is told from the start on, and one without quiet never`() async throws {
        let bench = try await bench()
        let notices = RecordingNotices()
        let watch = watch(bench, notices)
        await watch.look()
        #expect(notices.posted.isEmpty)
        bench.clock.advance(by: .seconds(3600))
        await watch.look()
        #expect(notices.posted.count == 1)
        watch.replace(sources: [SourceConfiguration(name: "github", provider: "github")])
        await watch.look()
        #expect(notices.posted.count == 1)
        await bench.queue.close()
    }

    @Test func `a source that is added later has its time from then on, and the others keep theirs`() async throws {
        let bench = try await bench()
        let notices = RecordingNotices()
        let watch = watch(bench, notices)
        let added = ["github", "crm"].map { SourceConfiguration(name: $0, provider: "github", quiet: .seconds(3600)) }
        bench.clock.advance(by: .seconds(3000))
        watch.replace(sources: added)
        await watch.look()
        #expect(notices.posted.isEmpty)
        bench.clock.advance(by: .seconds(600))
        await watch.look()
        #expect(notices.posted.map(\.subject) == ["github"])
        bench.clock.advance(by: .seconds(2999))
        watch.replace(sources: added.reversed())
        await watch.look()
        #expect(!notices.posted.contains { $0.subject == "crm" })
        bench.clock.advance(by: .seconds(1))
        await watch.look()
        #expect(notices.posted.contains { $0.subject == "crm" })
        await bench.queue.close()
    }
}
