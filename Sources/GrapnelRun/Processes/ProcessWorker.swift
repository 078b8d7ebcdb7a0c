import CSandbox
import Glibc
import GrapnelCore
import GrapnelFormat
import Logging

/// A thread that owns one program: starts it, speaks with it, keeps its deadlines, and ends it. One run at a time.
final class ProcessWorker: @unchecked Sendable {
    // Unchecked, because everything but the inbox is touched by its own thread alone.
    let id: UInt64
    let key: IsolateChild.Key
    let inbox = IsolateInbox()
    private let configuration: ProcessPoolConfiguration
    private let clock: any HubClock
    private let logger: Logger
    /// Strong: a pool lives as long as its last worker, which it forgets when that leaves.
    private let pool: ProcessPool
    private var child: ProcessChild?
    private var lines: LineDecoder
    private var errorLines: LineDecoder
    private var lastWords: String?
    private var runs = 0
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var isStopped = false

    init(
        id: UInt64, key: IsolateChild.Key, pool: ProcessPool, configuration: ProcessPoolConfiguration,
        clock: any HubClock, logger: Logger
    ) {
        self.id = id
        self.key = key
        self.pool = pool
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        lines = LineDecoder(longest: configuration.line.bytes)
        errorLines = LineDecoder(longest: configuration.errorLine.bytes)
    }

    /// Serves until the pool has no more use for it.
    func run() {
        grapnel_block_signals()
        while let task = nextTask() {
            let ending = serve(task)
            // Before the end is told, so that who hears of it finds this program free.
            let isWanted = pool.isWanted(self, runs: runs, after: task)
            task.end(ending.result, now: clock.monotonic(), cpu: ending.cpu, peak: ending.peak)
            if !isWanted { break }
        }
        endChild()
        pool.leave(self)
    }

    // MARK: Between runs

    /// The next run; `nil` when there will be none. Meanwhile the program is watched: one that speaks unasked or ends
    /// is not used again.
    private func nextTask() -> IsolateTask? {
        let until = clock.monotonic() + configuration.idleAge
        while true {
            for command in inbox.take() {
                switch command {
                case .execute(let task): return task
                case .stop, .retire: isStopped = true
                case .cancel, .settle: break
                }
            }
            let left = until - clock.monotonic()
            // One that was given a run in this moment is not idle any more.
            if isStopped || left <= .zero, pool.takeOut(self) { return nil }
            let milliseconds = Int32(clamping: max(1, min(left.milliseconds + 1, 60_000)))
            let pipes: [Int32] =
                child.map { [$0.waitable($0.output), $0.waitable($0.errors), $0.ended] } ?? [-1, -1, -1]
            let descriptors = [inbox.descriptor] + pipes
            let ready = grapnel_wait(descriptors, 4, -1, milliseconds)
            guard let child, ready & 0b1110 != 0 else { continue }
            if ready & 0b0100 != 0, child.read(child.errors, into: &buffer) != nil, ready & 0b1010 == 0 { continue }
            logger.notice("a process handler ended or spoke without a run", metadata: ["recipe": "\(key.recipe)"])
            endChild()
        }
    }

    private func endChild() {
        child?.end(within: configuration.endWithin, clock: clock)
        child = nil
        lines = LineDecoder(longest: configuration.line.bytes)
        errorLines = LineDecoder(longest: configuration.errorLine.bytes)
        lastWords = nil
    }

    // MARK: A run

    /// A file that was written just now is still open in whatever was forked beside it, until that executes its own
    /// program: then it cannot be executed, for some milliseconds. 50 tries, 10 ms apart.
    private static let mostBusy = 50
    private static let busyPause = timespec(tv_sec: 0, tv_nsec: 10_000_000)
    /// How long nothing is started after the system had nothing to spare. 1 s.
    private static let shortagePause = timespec(tv_sec: 1, tv_nsec: 0)

    /// How a run ended, and what it used.
    private struct Ending {
        var result: IsolateOutcome.Result
        var cpu: Duration?
        var peak: ByteCount?
    }

    /// - Parameter busy: How often the program could not be started because its file was still open for writing.
    private func serve(_ task: IsolateTask, busy: Int = 0) -> Ending {
        let exchange = ProcessExchange(task: task, inbox: inbox, pending: configuration.pending, clock: clock)
        guard let program = task.job.process else {
            return Ending(result: .failed(AttemptFailure(.bundle, "the recipe has no program", isRetryable: false)))
        }
        // Nothing would wake one that was made when there was no file to spare.
        guard inbox.descriptor >= 0 else {
            isStopped = true
            return handBack("there was no file to spare for the program")
        }
        let mode = program.handler.mode
        let child: ProcessChild
        do throws(ProcessRefusal) {
            child = try start(program, task)
        } catch {
            if error.isTextBusy, let ending = serveAgain(task, busy) { return ending }
            if error.isShortage { return handBack(error.description) }
            return Ending(result: .failed(AttemptFailure(.bundle, error.description)))
        }
        runs += 1
        task.deadline = clock.monotonic() + task.job.limits.wall
        let before = task.coldStart ? .zero : child.usage.cpu
        if mode == .once {
            child.say(JSONWriter.bytes(.object(task.job.eventObject)) + [UInt8(ascii: "\n")], isLast: true)
        } else {
            child.say(task.job.runLine(deadline: clock.now() + task.job.limits.wall))
        }
        var peak = 0
        var cpu = Duration.zero
        var nextCheck = clock.monotonic()
        while exchange.result == nil {
            let now = clock.monotonic()
            if now >= nextCheck {
                let usage = child.usage
                (peak, cpu) = (max(peak, usage.memory), max(cpu, usage.cpu - before))
                check(exchange, usage.memory, cpu, now)
                nextCheck = now + configuration.check
            }
            takeCommands(exchange, child)
            if exchange.result == nil { listen(to: child, exchange, mode) }
        }
        readErrors(child, exchange)
        let isUsable = mode == .warm && !exchange.isFatal && !task.job.isFresh
        if !isUsable { endChild() }
        if exchange.isUnheard { return serve(task) }
        if exchange.isTextBusy, let ending = serveAgain(task, busy) { return ending }
        return Ending(result: exchange.result ?? .returned(nil), cpu: cpu, peak: ByteCount(bytes: peak))
    }

    /// Tries once more to start a program whose file was still open for writing; `nil` when it was tried often enough.
    private func serveAgain(_ task: IsolateTask, _ busy: Int) -> Ending? {
        guard busy < ProcessWorker.mostBusy else { return nil }
        var pause = ProcessWorker.busyPause
        nanosleep(&pause, nil)
        return serve(task, busy: busy + 1)
    }

    /// Gives a run back for which the hub has nothing to spare, after a pause, so that it is not taken up again and again.
    private func handBack(_ reason: String) -> Ending {
        logger.warning("no process handler can be started just now", metadata: ["error": "\(reason)"])
        var pause = ProcessWorker.shortagePause
        nanosleep(&pause, nil)
        return Ending(result: .failed(AttemptFailure(.handedBack, reason)))
    }

    /// Has a program for the run: the one that is warm, or a new one.
    private func start(_ program: ProcessProgram, _ task: IsolateTask) throws(ProcessRefusal) -> ProcessChild {
        if child?.endStatus != nil { endChild() }
        task.coldStart = child == nil
        if let child { return child }
        let command = try ProcessCommand(program, job: task.job, configuration: configuration)
        let started = try ProcessChild(
            command, isSandboxed: program.handler.sandbox == .bubblewrap,
            cpu: program.handler.mode == .once ? task.job.limits.cpu : nil, memory: task.job.limits.memory.bytes,
            configuration: configuration)
        child = started
        return started
    }

    private func check(_ exchange: ProcessExchange, _ memory: Int, _ cpu: Duration, _ now: Duration) {
        let limits = exchange.task.job.limits
        if let deadline = exchange.task.deadline, now >= deadline {
            exchange.kill(AttemptFailure(.wall, "the handler was not done within \(limits.wall.text)"))
        } else if cpu > limits.cpu {
            exchange.kill(AttemptFailure(.cpu, "the handler used more than \(limits.cpu.text) of processor time"))
        } else if memory > limits.memory.bytes {
            exchange.kill(AttemptFailure(.memory, "the handler used more than \(limits.memory) of memory"))
        }
    }

    private func takeCommands(_ exchange: ProcessExchange, _ child: ProcessChild) {
        for command in inbox.take() {
            switch command {
            case .cancel(let id) where id == exchange.task.id:
                exchange.kill(AttemptFailure(.handedBack, "the run was called off"))
            case .settle(let id, let operation, let answer) where id == exchange.task.id:
                if let line = exchange.settle(operation, answer) { child.say(line) }
            case .stop:
                isStopped = true
                exchange.kill(AttemptFailure(.handedBack, "the hub is stopping"))
            // Runs are given to workers without one, and the pool itself remembers what it retired.
            case .retire, .execute, .cancel, .settle: break
            }
        }
    }

    private func listen(to child: ProcessChild, _ exchange: ProcessExchange, _ mode: ProcessHandler.Mode) {
        let descriptors = [inbox.descriptor, child.waitable(child.output), child.waitable(child.errors), child.ended]
        let wait = Int32(clamping: max(1, configuration.check.milliseconds))
        let ready = grapnel_wait(descriptors, 4, child.writable, wait)
        if ready & 1 << 31 != 0 { child.flush() }
        if ready & 0b0100 != 0 { readErrors(child, exchange) }
        if ready & 0b0010 != 0 { readOutput(child, exchange, mode) }
        // Also where the kernel has no descriptor to wait for.
        guard exchange.result == nil, ready & 0b1000 != 0 || child.ended < 0, let status = child.endStatus else {
            return
        }
        conclude(child, exchange, mode, status: status)
    }

    /// The program has ended by itself: what it said before still counts.
    private func conclude(
        _ child: ProcessChild, _ exchange: ProcessExchange, _ mode: ProcessHandler.Mode, status: Int32
    ) {
        while exchange.result == nil, readOutput(child, exchange, mode) {}
        readErrors(child, exchange)
        exchange.isFatal = true
        guard exchange.result == nil else { return }
        let isSandboxed = exchange.task.job.process?.handler.sandbox == .bubblewrap
        // It ended as its last run did, before it heard of this one; in its sandbox it can have done nothing unsaid.
        exchange.isUnheard = isSandboxed && !exchange.task.coldStart && !exchange.hasSpoken
        if mode == .once, status == 0 {
            exchange.result = .returned(exchange.outputText.map { .string($0) })
            return
        }
        exchange.result = .failed(
            ProcessDeath.failure(
                asked: nil, status: status, isSandboxed: isSandboxed,
                wasOutOfMemory: child.wasOutOfMemory, lastWords: lastWords))
    }

    /// Reads what is there; `false` when that was nothing.
    @discardableResult
    private func readOutput(_ child: ProcessChild, _ exchange: ProcessExchange, _ mode: ProcessHandler.Mode) -> Bool {
        guard let count = child.read(child.output, into: &buffer), count > 0 else {
            // At the end of its output a program is ending, or goes on without a voice: its end or its deadline tells.
            return false
        }
        if mode == .once {
            exchange.collect(buffer[..<count], atMost: configuration.result.bytes)
            return true
        }
        lines.append(buffer[..<count])
        do throws(FrameError) {
            while let line = try lines.next() { try exchange.take(line) }
        } catch {
            exchange.breach(error)
        }
        return true
    }

    /// Lines of its errors are lines of the run's log.
    private func readErrors(_ child: ProcessChild, _ exchange: ProcessExchange) {
        while let count = child.read(child.errors, into: &buffer), count > 0 {
            errorLines.append(buffer[..<count])
            while let line = nextErrorLine() {
                let text = String(decoding: line, as: UTF8.self)
                if !text.allSatisfy(\.isWhitespace) { lastWords = String(text.prefix(300)) }
                exchange.log(LogLine(level: .info, at: clock.now(), message: text))
            }
        }
    }

    private func nextErrorLine() -> [UInt8]? {
        do throws(FrameError) {
            return try errorLines.next()
        } catch {
            return Array(errorLines.takeRest().prefix(configuration.errorLine.bytes))
        }
    }
}
