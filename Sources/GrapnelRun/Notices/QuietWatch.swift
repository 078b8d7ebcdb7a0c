package import GrapnelCore
package import GrapnelFormat
package import GrapnelQueue
package import Logging
import ServiceLifecycle
import Synchronization

/// Tells when a source has accepted nothing for as long as its `quiet:` says: once for each time that it falls silent,
/// however often the hub is started meanwhile.
package final class QuietWatch: Service {
    private let reader: any QueueReader
    private let notices: any NoticePosting
    private let clock: any HubClock
    private let pace: Duration
    private let logger: Logger
    private let startedAt: Timestamp
    private let sources: Mutex<[SourceConfiguration]>

    /// - Parameter pace: How often sources are looked at. Default 1 min.
    package init(
        sources: [SourceConfiguration], reader: any QueueReader, notices: any NoticePosting, clock: any HubClock,
        pace: Duration = .seconds(60), logger: Logger
    ) {
        self.sources = Mutex(sources)
        self.reader = reader
        self.notices = notices
        self.clock = clock
        self.pace = pace
        self.logger = logger
        startedAt = clock.now()
    }

    /// Watches other sources from now on.
    package func replace(sources: [SourceConfiguration]) {
        self.sources.withLock { $0 = sources }
    }

    /// Runs until graceful shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await self.clock.sleep(for: self.pace)) != nil { await self.look() }
        }
    }

    /// Looks at every source once.
    package func look() async {
        for source in sources.withLock({ $0 }) {
            guard let quiet = source.quiet else { continue }
            do {
                let last = try await reader.events(EventQuery(source: source.name, limit: 1)).first?.event.receivedAt
                // Of a source that never spoke nobody knows since when: the time counts from the start.
                guard clock.now() - (last ?? startedAt) >= quiet else { continue }
                await notices.post(QuietWatch.notice(source.name, quiet: quiet, last: last, now: clock.now()))
            } catch {
                logger.warning("a source could not be watched", metadata: ["error": "\(error)"])
            }
        }
    }

    private static func notice(_ source: String, quiet: Duration, last: Timestamp?, now: Timestamp) -> Notice {
        let since = last.map { "since \($0)" } ?? "as long as is known"
        return Notice(
            kind: .sourceQuiet, subject: source,
            message: "the source \(source) has accepted nothing for \(quiet.text) (\(since))",
            details: ["quiet": .string(quiet.text), "last": last.map { .string($0.description) } ?? .null],
            occasion: last?.description ?? "never/\(now.milliseconds / max(quiet.milliseconds, 1))")
    }
}
