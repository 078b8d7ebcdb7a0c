import Glibc
import GrapnelCore

/// One forked isolate, as the hub sees it. Owned by the isolates' thread.
final class IsolateChild {
    /// Where it is in its life.
    enum Phase {
        /// Forked, not ready. Next: waiting.
        case starting(until: Duration)
        /// Ready, without code. Next: busy.
        case waiting
        /// Has a run. Next: idle, dying.
        case busy(IsolateTask)
        /// Has code and no run. Next: busy, dying.
        case idle(since: Duration)
        /// Killed or closed; its end has not been reported. Next: gone.
        case dying(IsolateTask?)
    }

    /// Whose code it holds; it never serves another.
    struct Key: Hashable {
        let tenant: TenantID
        let recipe: String
        let version: RecipeVersion
        let budget: Int
    }

    let process: pid_t
    let zygote: ZygoteProcess
    let socket: Int32
    let budget: Int
    /// Changed by the roster alone.
    var phase: Phase
    /// Changed by the roster alone.
    var key: Key?
    /// What its run has asked the hub for and not been answered. Changed by the roster alone.
    var pending = 0
    var runs = 0
    /// Resident bytes when it was ready.
    var baseline = 0
    /// Why the hub killed it.
    var killedFor: AttemptFailure?
    /// Whether the hub killed it, for a run's failure or because it was no longer wanted.
    var isDismissed = false
    /// Whether it closed its socket.
    var hasHungUp = false
    /// The system call that it was refused and ended for.
    var forbiddenCall: UInt32?
    private var decoder = FrameDecoder()
    private var outbox: [UInt8] = []
    private let poller: IsolatePoller
    private var isWatchedForWriting = false

    init(
        process: pid_t, zygote: ZygoteProcess, socket: Int32, budget: Int, readyUntil: Duration, poller: IsolatePoller
    ) {
        self.zygote = zygote
        self.process = process
        self.socket = socket
        self.budget = budget
        self.poller = poller
        phase = .starting(until: readyUntil)
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        poller.watch(socket, as: .child(process))
    }

    /// Since when it is idle; the end of time when it is not.
    var idleSince: Duration { if case .idle(let since) = phase { since } else { .seconds(Int64.max) } }

    /// The child's own memory, as far as is known: what it has beyond what it shares with the zygote.
    func privateBytes() -> Int { max(0, residentBytes() - baseline) }

    /// Nothing more is read or written. Its end comes from the zygote.
    func hangUp() {
        poller.forget(socket)
        close(socket)
    }

    func send(_ frame: Frame) {
        outbox.append(contentsOf: frame.bytes)
        flush()
    }

    /// Writes what the socket takes; what it does not waits.
    func flush() {
        while !outbox.isEmpty {
            let count = outbox.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            if count == outbox.count { outbox.removeAll(keepingCapacity: true) } else { outbox.removeFirst(count) }
        }
        guard isWatchedForWriting == outbox.isEmpty else { return }
        isWatchedForWriting = !outbox.isEmpty
        poller.change(socket, as: .child(process), alsoWritable: isWatchedForWriting)
    }

    /// Reads what is there. `false` at the end of the stream.
    func read(into buffer: inout [UInt8]) -> Bool {
        let count = buffer.withUnsafeMutableBytes { Glibc.recv(socket, $0.baseAddress, $0.count, 0) }
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        guard count > 0 else { return false }
        decoder.append(buffer[..<count])
        return true
    }

    func nextFrame() throws(FrameError) -> Frame? {
        try decoder.next()
    }

    /// Resident bytes now; 0 when it is gone.
    func residentBytes() -> Int {
        let file = open("/proc/\(process)/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = Glibc.read(file, &text, text.count)
        guard count > 0 else { return 0 }
        let fields = text[..<count].split(separator: UInt8(ascii: " "))
        guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
        return pages * Int(getpagesize())
    }
}
