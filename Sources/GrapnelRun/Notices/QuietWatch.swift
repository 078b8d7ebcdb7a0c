package import GrapnelCore
package import GrapnelFormat
package import GrapnelQueue
package import Logging
import ServiceLifecycle
import Synchronization

/// Tells when a source has accepted nothing for as long as its `quiet:` says: once for each time that it falls silent,
/// however often the hub is started meanwhile.
package final class QuietWatch: Service {
    /// A source with `quiet:`.
    private struct Watched {
        var name: String
        var quiet: Duration
        /// Since when it has been watched.
        var since: Timestamp
    }

    private let reader: any QueueReader
    private let notices: any NoticePosting
    private let clock: any HubClock
    private let pace: Duration
    private let logger: Logger
    private let watched = Mutex<[Watched]>([])

    /// - Parameter pace: How often sources are looked at. Default 1 min.
    package init(
        sources: [SourceConfiguration], reader: any QueueReader, notices: any NoticePosting, clock: any HubClock,
        pace: Duration = .seconds(60), logger: Logger
    ) {
        self.reader = reader
        self.notices = notices
        self.clock = clock
        self.pace = pace
        self.logger = logger
        replace(sources: sources)
    }

    /// Watches other sources from now on; of those that it watches already it knows since when.
    package func replace(sources: [SourceConfiguration]) {
        let now = clock.now()
        watched.withLock { watched in
            let known = Dictionary(watched.map { ($0.name, $0.since) }) { first, _ in first }
            watched = sources.compactMap { source in
                source.quiet.map { Watched(name: source.name, quiet: $0, since: known[source.name] ?? now) }
            }
        }
    }

    /// Runs until graceful shutdown.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await self.clock.sleep(for: self.pace)) != nil { await self.look() }
        }
    }

    /// Looks at every source once.
    package func look() async {
        for source in watched.withLock({ $0 }) {
            do {
                let last = try await reader.events(EventQuery(source: source.name, limit: 1)).first?.event.receivedAt
                // Of a source that never spoke nobody knows since when: the time counts from when it was first watched.
                guard clock.now() - (last ?? source.since) >= source.quiet else { continue }
                await notices.post(QuietWatch.notice(source.name, quiet: source.quiet, last: last, now: clock.now()))
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
