import CCurl
package import GrapnelCore
package import Logging
import ServiceLifecycle

/// The one door by which bytes leave the hub: checks a request, and sends it on the egress thread through the guard.
///
/// Requests that are made before the service runs wait for it. It stops last of all that send.
package final class EgressClient: EgressPerforming, Service {
    private let settings: EgressLoop.Settings
    private let inbox: EgressInbox
    private let logger: Logger

    /// - Parameters:
    ///   - guarding: Which addresses may be dialled.
    ///   - limits: What a request and its answer may cost.
    ///   - certificateAuthorities: A PEM file of authorities to trust instead of the system's; `nil` for the system's.
    ///   - clock: For the time to the first byte.
    ///   - logger: Where the start and the end are noted.
    package init(
        guarding: AddressGuard, limits: EgressLimits = EgressLimits(), certificateAuthorities: String? = nil,
        clock: any HubClock, logger: Logger
    ) {
        settings = EgressLoop.Settings(
            guarding: guarding, limits: limits, certificateAuthorities: certificateAuthorities, clock: clock)
        inbox = EgressInbox(limit: limits.waiting)
        self.logger = logger
    }

    /// Sends a request and waits for the complete answer, an answer of any status. Cancelling the task changes nothing:
    /// what has been sent is known only when its answer is.
    package func perform(_ request: EgressRequest) async -> Result<EgressResponse, EgressFailure> {
        await withCheckedContinuation { continuation in
            submit(request) { continuation.resume(returning: $0) }
        }
    }

    /// Sends a request; `completion` is called once, on a thread that must not be held up.
    package func submit(
        _ request: EgressRequest,
        completion: @escaping @Sendable (Result<EgressResponse, EgressFailure>) -> Void
    ) {
        do {
            try EgressCheck.check(request, limits: settings.limits)
        } catch {
            completion(.failure(error))
            return
        }
        inbox.submit(EgressSubmission(request: request, completion: completion))
    }

    /// Ends what is under way and refuses what comes after, whoever still waits.
    package func stop() {
        inbox.stop()
    }

    /// Sends until the hub shuts down; then ends what is still under way.
    package func run() async throws {
        // Once in a process, before any other use; repeated calls only count.
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        try EgressLoop.start(settings, inbox: inbox) { end.finish() }
        logger.debug("outbound requests can leave")
        // Ends by a graceful shutdown or by cancellation: both mean to stop.
        try? await gracefulShutdown()
        inbox.stop()
        // The thread ends within moments; a cancelled task would not wait on the stream, and need not.
        for await _ in ends {}
        logger.debug("outbound requests have ended")
    }
}
