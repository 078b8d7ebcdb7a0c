import CCurl
import Glibc
import GrapnelCore

/// Drives libcurl's multi interface on a thread of its own. Made, used and ended on that thread.
final class EgressLoop {
    /// What the loop is told once.
    struct Settings: Sendable {
        var guarding: AddressGuard
        var limits: EgressLimits
        var certificateAuthorities: String?
        var clock: any HubClock
    }

    /// How often overdue first bytes are looked for, and the longest poll while requests are under way.
    private static let tick: Duration = .milliseconds(100)

    /// The most handles that are kept for later requests. The connections are not theirs but the multi handle's.
    private static let mostIdle = 128

    private let settings: Settings
    private let inbox: EgressInbox
    private let multi: UnsafeMutableRawPointer
    private var active: [UnsafeMutableRawPointer: EgressTransfer] = [:]
    private var idle: [EgressTransfer] = []
    private var nextExpiry: Duration = .zero

    /// `nil` when libcurl has no memory.
    private init?(_ settings: Settings, inbox: EgressInbox) {
        guard let multi = curl_multi_init() else { return nil }
        self.settings = settings
        self.inbox = inbox
        self.multi = multi
        grapnel_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, settings.limits.hostConnections)
        grapnel_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.limits.active)
    }

    /// Starts a thread that runs until the inbox stops, then calls `ended`.
    ///
    /// - Throws: `EgressFailure` when the system gives no thread.
    static func start(
        _ settings: Settings, inbox: EgressInbox, ended: @escaping @Sendable () -> Void
    ) throws(EgressFailure) {
        final class Start {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let start = Unmanaged.passRetained(
            Start {
                grapnel_curl_name_thread("egress")
                blockBrokenPipes()
                EgressLoop(settings, inbox: inbox)?.run()
                inbox.stop()
                for submission in inbox.drain() {
                    submission.completion(.failure(EgressFailure(.stopped, "the hub stopped before it was sent")))
                }
                ended()
            })
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw EgressFailure(.stopped, "the system gave no thread for outbound requests (error \(code))")
        }
        pthread_detach(thread)
    }

    /// A TLS connection that the peer has closed must be an error here, not the end of the process: OpenSSL writes
    /// without `MSG_NOSIGNAL`, and libcurl leaves signals alone in a program with threads.
    private static func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    private func run() {
        var wakeup = curl_waitfd(fd: inbox.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
        while let batch = inbox.take(settings.limits.active - active.count) {
            for submission in batch { begin(submission) }
            let begun = active.count
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            finishCompleted()
            expireOverdue()
            // With nothing new, wait for the network or for a wake-up; but a place that came free may be waited for.
            if batch.isEmpty, active.count == begun {
                let longest = active.isEmpty ? 60_000 : Int32(EgressLoop.tick.milliseconds)
                curl_multi_poll(multi, &wakeup, 1, longest, nil)
                if wakeup.revents != 0 { inbox.clear() }
            }
        }
        for transfer in active.values {
            transfer.abandon()
            curl_multi_remove_handle(multi, transfer.handle)
            transfer.finish(CURLE_ABORTED_BY_CALLBACK)
        }
        active = [:]
        idle = []
        curl_multi_cleanup(multi)
    }

    private func begin(_ submission: EgressSubmission) {
        guard let transfer = idle.popLast() ?? EgressTransfer(settings) else {
            submission.completion(.failure(EgressFailure(.full, "no memory for an outbound request")))
            return
        }
        transfer.prepare(submission)
        active[transfer.handle] = transfer
        curl_multi_add_handle(multi, transfer.handle)
    }

    private func finishCompleted() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            // The message does not outlive the removal of its handle.
            let code = grapnel_curl_result(message)
            end(handle, code)
        }
    }

    private func expireOverdue() {
        let now = settings.clock.monotonic()
        guard now >= nextExpiry else { return }
        nextExpiry = now + EgressLoop.tick
        for transfer in Array(active.values) where transfer.expire(at: now) {
            end(transfer.handle, CURLE_OPERATION_TIMEDOUT)
        }
    }

    private func end(_ handle: UnsafeMutableRawPointer, _ code: CURLcode) {
        curl_multi_remove_handle(multi, handle)
        guard let transfer = active.removeValue(forKey: handle) else { return }
        transfer.finish(code)
        if idle.count < EgressLoop.mostIdle { idle.append(transfer) }
    }
}
