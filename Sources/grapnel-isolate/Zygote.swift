import CSandbox
import Glibc

/// Forks children ahead of need. It is started once by the hub, holds no tenant's bytes, and does what the messages on
/// descriptor 3 say (`docs/isolate-protocol.md`).
enum Zygote {
    private static let control: Int32 = 3
    private static let messageSize = 64

    /// Serves until the hub goes away. In a forked child it becomes the isolate and never returns here.
    static func run() {
        let ended = grapnel_prepare_zygote()
        guard ended >= 0 else { exit(71) }
        let allowsJIT = getenv("JSC_useJIT").map { String(cString: $0) != "0" } ?? true
        // The compiler of WebAssembly has threads of its own; it must not have run before the first fork.
        let allowsThreads = getenv("JSC_useWasm").map { String(cString: $0) == "1" } ?? false
        guard grapnel_build_filter(allowsJIT, allowsThreads) == 0 else { exit(72) }
        Cryptography.prepare()
        let engine = withoutStandardError { Engine() }
        engine.warmUp(isZygote: true)
        engine.warmUp(isZygote: true)
        engine.collectGarbage()
        Scavenger.stop()
        guard send([UInt8(ascii: "r")]) else { return }
        serve(engine, ended: ended)
    }

    /// The allocator remarks on standard error that its cage is off, as it was told; a hub's log has no use for it.
    private static func withoutStandardError<Result>(_ body: () -> Result) -> Result {
        let kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10)
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        dup2(nowhere, STDERR_FILENO)
        close(nowhere)
        defer {
            dup2(kept, STDERR_FILENO)
            close(kept)
        }
        return body()
    }

    private static func serve(_ engine: Engine, ended: Int32) {
        var children: Set<pid_t> = []
        while true {
            var polled = [
                pollfd(fd: control, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ended, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, 2, -1) >= 0 || errno == EINTR else { return }
            if polled[1].revents != 0 {
                grapnel_drain(ended)
                reap(&children)
            }
            if polled[0].revents != 0 {
                var message = [UInt8](repeating: 0, count: messageSize)
                var descriptor: Int32 = -1
                let count = grapnel_receive_message(control, &message, messageSize, &descriptor)
                guard count > 0 else { return }
                switch message[0] {
                case UInt8(ascii: "F") where count == 13:
                    let token = Wire.uint32(message, at: 1)
                    let budget = Wire.uint64(message, at: 5)
                    var hubEnd: Int32 = -1
                    let child = grapnel_fork_child(&hubEnd)
                    if child == 0 {
                        var isolate = Isolate(engine: engine)
                        isolate.run(memoryBudget: budget)
                        exit(0)
                    }
                    var answer = [UInt8(ascii: "f")] + Wire.bytes(token) + Wire.bytes(UInt32(bitPattern: max(child, 0)))
                    answer += Wire.bytes(UInt32(child < 0 ? -child : 0))
                    let isSent = send(answer, descriptor: child > 0 ? hubEnd : -1)
                    if child > 0 {
                        children.insert(child)
                        close(hubEnd)
                    }
                    guard isSent else { return }
                case UInt8(ascii: "K") where count == 5:
                    // Only a child that was not reaped is killed: its number cannot have been given away.
                    let child = pid_t(bitPattern: Wire.uint32(message, at: 1))
                    if children.contains(child) { grapnel_kill(child) }
                default: return
                }
            }
        }
    }

    private static func reap(_ children: inout Set<pid_t>) {
        var (status, cpu, peak) = (Int32(0), UInt64(0), UInt64(0))
        while true {
            let child = grapnel_reap(&status, &cpu, &peak)
            guard child > 0 else { return }
            children.remove(child)
            let message =
                [UInt8(ascii: "x")] + Wire.bytes(UInt32(bitPattern: child)) + Wire.bytes(UInt32(bitPattern: status))
                + Wire.bytes(cpu) + Wire.bytes(peak)
            _ = send(message)
        }
    }

    private static func send(_ message: [UInt8], descriptor: Int32 = -1) -> Bool {
        grapnel_send_message(control, message, message.count, descriptor) == 0
    }
}
