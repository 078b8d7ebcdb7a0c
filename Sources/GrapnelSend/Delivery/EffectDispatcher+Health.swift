package import GrapnelCore
import GrapnelQueue
import Logging
import Synchronization

extension EffectDispatcher {
    /// How long a probe may take. 10 s.
    private static let probeTimeout = Duration.seconds(10)

    /// Since when nothing outside can be reached; `nil` while something can.
    package var offlineSince: Timestamp? { outside.offlineSince }

    /// How each connection has fared, as far as is known.
    package var health: [String: ConnectionHealth] { healths.all }

    /// Gives up the place of a request that has ended.
    ///
    /// - Returns: Whether the end says something about the vendor; else the hub may be offline, and nothing was tried.
    func end(_ outcome: OperationOutcome, _ admission: Admission?) -> Bool {
        if let admission { admission.lane.leave(admission.pass, outcome.sign, refusal: outcome.failure?.refusal) }
        return note(outcome.sign)
    }

    /// Takes note of what the end of a request says about the world outside; whether it says something about the vendor.
    func note(_ sign: ConnectionSign) -> Bool {
        let (counts, since) = outside.note(sign, at: clock.monotonic(), clock.now())
        // Apart, so that the request that has ended does not wait for all that goes on now.
        if let since { Task { await self.comeOnline(since: since) } }
        return counts
    }

    /// Takes note of what the end of a request says about its connection: keeps it when it is worth that, and pauses a
    /// connection that has failed for too long.
    func note(_ sign: ConnectionSign, _ failure: CallFailure?, of connection: String) async {
        let (kept, hopeless) = healths.note(sign, failure: failure?.message, of: connection, now: clock.now())
        do {
            if let kept { try await writer.record(kept) }
            guard let hopeless, let since = hopeless.failingSince else { return }
            let reason = "nothing has succeeded since \(since): \(hopeless.failure ?? "it failed")"
            let order = PauseOrder(kind: .connection, name: connection, reason: reason, by: "grapnel")
            let pause = try await writer.pause(order)
            logger.error("a connection is paused", metadata: ["connection": "\(connection)", "reason": "\(reason)"])
            await notices.post(Notice(kind: .connectionPaused, subject: connection, message: pause.notice))
        } catch {
            logger.warning(
                "how a connection fares could not be kept",
                metadata: ["connection": "\(connection)", "error": "\(error)"])
        }
    }

    /// Takes up how the connections fared before the start.
    func readHealth() async {
        do {
            healths.take(try await reader.connectionHealth())
        } catch {
            logger.warning("how the connections fared is not known", metadata: ["error": "\(error)"])
        }
    }

    /// Learns which connections are paused. What is in hand for them goes back; the queue gives out nothing more.
    func readPauses() async {
        guard let pauses = try? await reader.pauses() else { return }
        let names = Set(pauses.filter { $0.kind == .connection }.map(\.name))
        paused.withLock { $0 = names }
    }

    /// Whether a connection is paused, as far as this node knows.
    func isPaused(_ connection: String) -> Bool { paused.withLock { $0.contains(connection) } }

    /// Asks around while it is in doubt whether anything can be reached, and now and then while nothing can.
    func probe() async {
        for await _ in outside.doubts {
            while let wait = outside.nextProbe {
                if wait > .zero { guard (try? await clock.sleep(for: wait)) != nil else { return } }
                let places = connections.places()
                // A request that was answered meanwhile has settled it.
                guard outside.nextProbe != nil, !Task.isCancelled else { break }
                let isReached = await isReached(places)
                let (change, since) = outside.noteProbe(
                    isReached: isReached, places: places.count, at: clock.monotonic(), clock.now())
                if change == .wentOffline {
                    logger.warning("nothing outside can be reached: work waits until something can")
                }
                if let since { await comeOnline(since: since) }
            }
        }
    }

    /// Asks one place whether anybody is there. Any answer will do. Where nobody can be asked nothing is known, and then
    /// the hub is not offline.
    private func isReached(_ places: [EgressURL]) async -> Bool {
        guard !places.isEmpty else { return true }
        var request = EgressRequest(
            method: "HEAD", url: places[outside.turn % places.count], timeout: EffectDispatcher.probeTimeout)
        connections.identify(&request.headers)
        switch await egress.perform(request) {
        case .success: return true
        case .failure(let failure): return failure.callFailure.sign != .unreachable
        }
    }

    /// Lets everything go on that waited for the world outside; its order is the queue's, its pace the connections'.
    private func comeOnline(since: Timestamp) async {
        logger.notice("something outside can be reached again", metadata: ["offline_since": "\(since)"])
        connections.forgetFailures()
        await wakeOffline()
        wake()
        let details: JSON = ["since": .string(since.description)]
        await notices.post(
            Notice(
                kind: .offline, subject: "hub", message: "nothing outside could be reached since \(since)",
                details: details))
        await notices.post(
            Notice(kind: .online, subject: "hub", message: "the hub is online again", details: details))
    }

    /// Looks now and then for runs that were parked in the moment in which the hub came online, or before it started, and
    /// for those that a resumption of their connection has not come to.
    func wakeWaiting() async {
        repeat {
            await wake(.resumed())
            if !outside.isOffline { await wakeOffline() }
        } while (try? await clock.sleep(for: limits.heartbeat)) != nil
    }

    private func wakeOffline() async { await wake(.offline()) }

    private func wake(_ step: ParkedWake) async {
        do {
            while try await writer.wake(step).hasMore, !outside.isOffline {}
        } catch {
            logger.warning("runs that wait could not be woken", metadata: ["error": "\(error)"])
        }
    }
}

extension CallFailure {
    /// The connection fails, and is left alone for a while.
    static func circuitOpen(_ connection: String, wait: Duration) -> CallFailure {
        CallFailure(
            code: circuitOpenCode,
            message: "the connection \(connection) fails and is left alone for another \(wait.wholeSeconds) s",
            isRetryable: true, outcome: .definite, retryAfter: wait)
    }

    /// Nothing outside can be reached.
    static func offline(_ wait: Duration?) -> CallFailure {
        CallFailure(
            code: offlineCode, message: "nothing outside can be reached", isRetryable: true, outcome: .definite,
            retryAfter: wait)
    }
}

extension Duration {
    fileprivate var wholeSeconds: Int64 { max(1, components.seconds) }
}

extension Pause {
    /// What a notice says of it.
    package var notice: String {
        "the \(kind.rawValue) \(name) is paused\(reason.map { ": \($0)" } ?? "")"
    }
}
