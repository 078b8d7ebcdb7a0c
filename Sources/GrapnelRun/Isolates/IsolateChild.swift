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
    }

    let process: pid_t
    let socket: Int32
    let budget: Int
    var phase: Phase
    var key: Key?
    var runs = 0
    /// Resident bytes when it was ready.
    var baseline = 0
    /// Why the hub killed it.
    var killedFor: AttemptFailure?
    /// Whether the hub killed it, for a run's failure or because it was no longer wanted.
    var isDismissed = false
    private var decoder = FrameDecoder()
    private var outbox: [UInt8] = []

    init(process: pid_t, socket: Int32, budget: Int, readyUntil: Duration) {
        self.process = process
        self.socket = socket
        self.budget = budget
        phase = .starting(until: readyUntil)
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
    }

    /// Whether frames wait to be written.
    var hasOutput: Bool { !outbox.isEmpty }

    func send(_ frame: Frame) {
        outbox.append(contentsOf: frame.bytes)
        flush()
    }

    /// Writes what the socket takes; what it does not waits.
    func flush() {
        while !outbox.isEmpty {
            let count = outbox.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            if count == outbox.count { outbox.removeAll(keepingCapacity: true) } else { outbox.removeFirst(count) }
        }
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
