package import GrapnelCore
package import GrapnelQueue
package import Logging
import ServiceLifecycle
import Synchronization

/// Stores the hub's notices as events of the source `grapnel`: `alerts:`, `on_failure:` and every recipe that wants them
/// are runs like others, with retries, a ledger and dead letters.
///
/// What a notice led to never leads to a notice: a dead letter whose event goes back to one is not told.
package final class NoticeBoard: NoticePosting, Service {
    private struct State {
        var account: NoticeAccount
        /// What could not be stored yet, with what it may be told as.
        var waiting: [(notice: Notice, posting: NoticeAccount.Posting)] = []
    }

    private let reader: any QueueReader
    private let writer: any QueueWriter
    private let storageFailures: AsyncStream<QueueError>
    private let maker: EventMaker
    private let limits: NoticeLimits
    private let clock: any HubClock
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - reader: Where the events that notices are about are looked up.
    ///   - writer: Where notices are stored.
    ///   - storageFailures: Tells when the queue could not write.
    ///   - matcher: Knows which recipes want notices.
    ///   - ids: Makes the ids of events and runs.
    package init(
        reader: any QueueReader, writer: any QueueWriter, storageFailures: AsyncStream<QueueError>,
        matcher: any RecipeMatching, ids: IdentifierGenerator, limits: NoticeLimits = NoticeLimits(),
        clock: any HubClock, logger: Logger
    ) {
        self.reader = reader
        self.writer = writer
        self.storageFailures = storageFailures
        maker = EventMaker(matcher: matcher, ids: ids, clock: clock)
        self.limits = limits
        self.clock = clock
        self.logger = logger
        state = Mutex(State(account: NoticeAccount(limits: limits)))
    }

    /// Runs until graceful shutdown: stores what could not be stored at once, and tells when the disk was full.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.tellStorageFailures() }
                group.addTask {
                    while (try? await self.clock.sleep(for: self.limits.retry)) != nil { await self.storeWaiting() }
                }
            }
        }
    }

    package func post(_ notice: Notice) async {
        var notice = notice
        if let event = notice.details["event"]?["id"]?.string.flatMap({ Identifier<Event>($0) }),
            let subject = try? await reader.event(event)?.event
        {
            if await isOfNotice(subject) { return }
            notice.details = notice.details.with("event", NoticeBoard.facts(of: subject))
        }
        let now = clock.now()
        guard let posting = state.withLock({ [notice] in $0.account.take(notice, now: now) }) else { return }
        logger.notice(
            "notice", metadata: ["kind": "\(notice.kind.rawValue)", "message": "\(notice.message)"])
        await store(notice, posting)
    }

    /// Whether an event goes back to a notice.
    private func isOfNotice(_ event: Event) async -> Bool {
        if event.source == Event.hubSource { return true }
        let causes = (try? await reader.causes(of: event)) ?? []
        return causes.contains { $0.event.source == Event.hubSource }
    }

    private func store(_ notice: Notice, _ posting: NoticeAccount.Posting) async {
        let more = posting.untold
        var message = notice.message
        if more > 0 { message += " (and \(more) more)" }
        let event = maker.notice(
            notice.kind,
            body: [
                "kind": .string(notice.kind.rawValue), "subject": .string(notice.subject),
                "message": .string(message), "more": .integer(Int64(more)), "details": notice.details,
            ],
            deliveryID: "\(notice.kind.rawValue)/\(notice.subject)/\(posting.occasion)",
            window: notice.occasion == nil ? limits.window * 2 : limits.memory)
        do {
            let result = try await writer.accept(event)
            if case .duplicate? = result.dispositions.first {
                state.withLock { $0.account.wasKnown(posting, of: notice) }
            }
        } catch let error as QueueError where error.code == .storage || error.code == .full {
            state.withLock { state in
                guard state.waiting.count < limits.waiting else { return }
                state.waiting.append((notice, posting))
            }
        } catch {
            logger.warning("a notice was not stored", metadata: ["error": "\(error)"])
        }
    }

    /// Tries again what waits, oldest first.
    private func storeWaiting() async {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for (notice, posting) in waiting { await store(notice, posting) }
    }

    private func tellStorageFailures() async {
        for await error in storageFailures {
            let hour = clock.now().milliseconds / limits.window.milliseconds
            await post(
                Notice(
                    kind: .diskFull, subject: "database",
                    message: "the database could not be written: \(error.message)",
                    details: ["error": .string(error.message)], occasion: "\(hour)"))
        }
    }

    private static func facts(of event: Event) -> JSON {
        [
            "id": .string(event.id.description), "type": .string(event.type), "source": .string(event.source),
            "received_at": .string(event.receivedAt.description),
        ]
    }
}

extension JSON {
    /// The object with another value of a member.
    fileprivate func with(_ key: String, _ value: JSON) -> JSON {
        guard case .object(var object) = self else { return self }
        object[key] = value
        return .object(object)
    }
}
