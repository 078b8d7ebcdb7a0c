import CSandbox
import Glibc

/// The hub's end of a zygote: one process that forks isolates. Owned by the isolates' thread.
final class ZygoteProcess {
    /// What a zygote says.
    enum Message {
        /// It is warm and forks from now on.
        case ready
        /// It forked a child; `socket` is the hub's end of the child's socket, -1 when the fork failed.
        case forked(token: UInt32, process: pid_t, socket: Int32)
        /// There is nothing to read.
        case nothing
        /// A child ended.
        case ended(process: pid_t, status: Int32, cpuMicroseconds: UInt64, peakKibibytes: UInt64)
    }

    /// The engine's options: no helper threads before a fork, small heaps (`architecture.md` §6).
    private static let environment = [
        "JSC_useConcurrentJIT=0", "JSC_useConcurrentGC=0", "JSC_numberOfGCMarkers=1", "GIGACAGE_ENABLED=0",
        "JSC_useFTLJIT=0", "JSC_forceRAMSize=33554432", "TZ=UTC", "LANG=C.UTF-8",
        "SWIFT_BACKTRACE=enable=no",
    ]

    /// Its number in the pool.
    let number: UInt32
    let process: pid_t
    let control: Int32
    let startedAt: Duration
    /// Whether it is warm and forks.
    var isReady = false
    /// Forks that were asked for and are not there yet: token → budget.
    var forking: [UInt32: Int] = [:]
    /// When it last did something, or had nothing to do.
    private var aliveAt: Duration
    /// Messages that its socket does not take yet: the isolates' thread never waits for it.
    private var outbox: [[UInt8]] = []
    /// Forks that were asked for in its life.
    var forks = 0
    /// Its children that live.
    var children = 0
    private var nextToken: UInt32 = 1

    /// Starts `executable`.
    init(
        number: UInt32, executable: String, allowsJIT: Bool, allowsWebAssembly: Bool, now: Duration
    ) throws(IsolatePoolError) {
        self.number = number
        startedAt = now
        aliveAt = now
        let variables =
            ZygoteProcess.environment + ["JSC_useWasm=\(allowsWebAssembly ? 1 : 0)"]
            + (allowsJIT ? [] : ["JSC_useJIT=0"])
        var pointers: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        var (process, control) = (pid_t(0), Int32(-1))
        let error = grapnel_spawn_zygote(executable, pointers, &process, &control)
        guard error == 0 else {
            throw IsolatePoolError("cannot start \(executable): \(String(cString: strerror(error)))")
        }
        self.process = process
        self.control = control
        _ = fcntl(control, F_SETFL, O_NONBLOCK)
    }

    /// Whether messages wait for room in its socket.
    var hasOutput: Bool { !outbox.isEmpty }

    /// Writes what waits. `false` when the zygote is gone.
    func flush() -> Bool {
        while let message = outbox.first {
            switch grapnel_send_message(control, message, message.count, -1) {
            case 0: outbox.removeFirst()
            case EAGAIN: return true
            default: return false
            }
        }
        return true
    }

    /// Whether it has not done what it was asked for, for this long.
    func isStuck(at now: Duration, after patience: Duration) -> Bool {
        if forking.isEmpty, outbox.isEmpty { aliveAt = now }
        return now - aliveAt >= patience
    }

    private func send(_ message: [UInt8]) -> Bool {
        outbox.append(message)
        return flush()
    }

    /// Asks for a child whose memory is `budget` bytes beyond an empty one's. `false` when the zygote is gone.
    func fork(budget: Int) -> Bool {
        nextToken &+= 1
        forking[nextToken] = budget
        forks += 1
        var message = [UInt8(ascii: "F")]
        Frame.append(nextToken, to: &message)
        Frame.append(UInt64(clamping: budget), to: &message)
        return send(message)
    }

    /// Kills a child that has not ended. The zygote does it, so that a number given away again is never hit.
    func kill(_ child: pid_t) {
        var message = [UInt8(ascii: "K")]
        Frame.append(UInt32(bitPattern: child), to: &message)
        _ = send(message)
    }

    /// The next message; `nil` when the zygote is gone or talks nonsense.
    func receive(now: Duration) -> Message? {
        var bytes = [UInt8](repeating: 0, count: 64)
        var socket: Int32 = -1
        let count = grapnel_receive_message(control, &bytes, bytes.count, &socket)
        if count == -Int(EAGAIN) { return .nothing }
        aliveAt = now
        switch (count, bytes[0]) {
        case (1, UInt8(ascii: "r")): return .ready
        case (13, UInt8(ascii: "f")):
            return .forked(
                token: Frame.uint32(bytes[1...]), process: pid_t(bitPattern: Frame.uint32(bytes[5...])), socket: socket)
        case (25, UInt8(ascii: "x")):
            return .ended(
                process: pid_t(bitPattern: Frame.uint32(bytes[1...])),
                status: Int32(bitPattern: Frame.uint32(bytes[5...])),
                cpuMicroseconds: ZygoteProcess.uint64(bytes[9...]),
                peakKibibytes: ZygoteProcess.uint64(bytes[17...]))
        default:
            if socket >= 0 { close(socket) }
            return nil
        }
    }

    /// Ends the process and all its children, and reaps it.
    func terminate() {
        close(control)
        Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }

    private static func uint64(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        UInt64(Frame.uint32(bytes)) | UInt64(Frame.uint32(bytes.dropFirst(4))) << 32
    }
}
