import Glibc
import GrapnelCore
import Logging

/// The isolates' thread: the only one that touches the zygote, the children and what waits for them. It polls, moves
/// bytes, keeps deadlines, and hands what isolates ask for to the jobs' hosts.
final class IsolateLoop {
    /// How often the memory of busy isolates is looked at.
    static let memoryCheck: Duration = .milliseconds(10)
    /// How long a job waits for one of its recipe's busy isolates before it gets another: short runs are soon over, and
    /// more processes than cores are no gain for them.
    static let patience: Duration = .milliseconds(4)
    /// How long a failed start of a zygote is waited out.
    static let restartDelay: Duration = .milliseconds(500)

    let configuration: IsolatePoolConfiguration
    let clock: any HubClock
    let logger: Logger
    let inbox: IsolateInbox
    let onReport: @Sendable (SandboxReport) -> Void

    private var zygote: ZygoteProcess?
    private var isZygoteReady = false
    private var restartAt: Duration = .zero
    private var nextToken: UInt32 = 1
    /// Forks that were asked for: token → budget.
    private var forking: [UInt32: Int] = [:]
    private var children: [pid_t: IsolateChild] = [:]
    private var queue: [IsolateTask] = []
    private var tasks: [UInt64: IsolateChild] = [:]
    private var retired: Set<RecipeVersion> = []
    private var isStopping = false
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var nextMemoryCheck: Duration = .zero

    init(
        configuration: IsolatePoolConfiguration, clock: any HubClock, logger: Logger, inbox: IsolateInbox,
        onReport: @escaping @Sendable (SandboxReport) -> Void
    ) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.inbox = inbox
        self.onReport = onReport
    }

    /// Serves until it is stopped; then everything is killed.
    func run() {
        while !isStopping {
            startZygote()
            assign()
            refill()
            poll()
            keepDeadlines()
        }
        loseZygote(AttemptFailure(.handedBack, "the hub is stopping"))
        for command in inbox.close() { if case .execute(let task) = command { queue.append(task) } }
        for task in queue { fail(task, AttemptFailure(.handedBack, "the hub is stopping")) }
    }

    // MARK: Zygote

    private func startZygote() {
        let now = clock.monotonic()
        guard zygote == nil, now >= restartAt else { return }
        do throws(IsolatePoolError) {
            zygote = try ZygoteProcess(executable: configuration.executable, allowsJIT: configuration.allowsJIT)
            isZygoteReady = false
            // The zygote is warm well within the time that a child has.
            restartAt = now + configuration.readyWithin
        } catch {
            logger.error("no isolates", metadata: ["error": "\(error)"])
            restartAt = now + IsolateLoop.restartDelay
        }
    }

    /// The zygote is gone, and with it every child.
    private func loseZygote(_ failure: AttemptFailure) {
        guard let zygote else { return }
        self.zygote = nil
        zygote.terminate()
        forking = [:]
        restartAt = clock.monotonic() + IsolateLoop.restartDelay
        for child in children.values {
            close(child.socket)
            switch child.phase {
            case .busy(let task), .dying(let task?): fail(task, child.killedFor ?? failure)
            default: break
            }
        }
        children = [:]
        tasks = [:]
    }

    private func fork(budget: Int) {
        guard let zygote else { return }
        nextToken &+= 1
        forking[nextToken] = budget
        if !zygote.fork(token: nextToken, budget: budget) {
            loseZygote(AttemptFailure(.leaseLost, "the isolates' zygote ended"))
        }
    }

    private func readZygote() {
        switch zygote?.receive() {
        case .ready:
            isZygoteReady = true
            restartAt = clock.monotonic()
        case .forked(let token, let process, let socket):
            guard let budget = forking.removeValue(forKey: token), socket >= 0 else {
                logger.warning("an isolate could not be forked")
                restartAt = clock.monotonic() + IsolateLoop.restartDelay
                return
            }
            children[process] = IsolateChild(
                process: process, socket: socket, budget: budget,
                readyUntil: clock.monotonic() + configuration.readyWithin)
        case .ended(let process, let status, let cpu, let peak):
            bury(process, status: status, cpu: .microseconds(Int64(clamping: cpu)), peak: Int(clamping: peak) << 10)
        case nil:
            logger.error("the isolates' zygote ended; starting another")
            loseZygote(AttemptFailure(.leaseLost, "the isolates' zygote ended"))
        }
    }

    private func bury(_ process: pid_t, status: Int32, cpu: Duration, peak: Int) {
        guard let child = children.removeValue(forKey: process) else { return }
        // What it said before it died still counts: a result that is complete is a result.
        if child.killedFor == nil { readAll(child) }
        close(child.socket)
        switch child.phase {
        case .busy(let task), .dying(let task?):
            let failure = IsolateDeath.failure(
                asked: child.killedFor, status: status, peak: peak, baseline: child.baseline, budget: child.budget)
            tasks[task.id] = nil
            task.end(.failed(failure), now: clock.monotonic(), cpu: cpu, peak: ByteCount(bytes: peak))
        default:
            // One that dies without a run and unasked would be replaced at once, and its replacement again.
            guard !child.isDismissed else { return }
            logger.warning("an isolate died without a run", metadata: ["status": "\(status)"])
            restartAt = clock.monotonic() + IsolateLoop.restartDelay
        }
    }

    private func kill(_ child: IsolateChild, _ failure: AttemptFailure?) {
        if case .dying = child.phase { return }
        child.killedFor = failure
        child.isDismissed = true
        if case .busy(let task) = child.phase { child.phase = .dying(task) } else { child.phase = .dying(nil) }
        zygote?.kill(child.process)
    }

    // MARK: Jobs

    private func fail(_ task: IsolateTask, _ failure: AttemptFailure) {
        tasks[task.id] = nil
        task.end(.failed(failure), now: clock.monotonic())
    }

    /// Gives waiting jobs their isolates, in order; one that must wait for a fork does not hold back others.
    private func assign() {
        guard !queue.isEmpty else { return }
        var waiting: [IsolateTask] = []
        var wanted: [Int: Int] = [:]
        var busy: [IsolateChild.Key: Int] = [:]
        for child in children.values { if case .busy = child.phase, let key = child.key { busy[key, default: 0] += 1 } }
        let patient = clock.monotonic() - IsolateLoop.patience
        for task in queue {
            let key = IsolateChild.Key(
                tenant: task.job.tenant, recipe: task.job.recipe, version: task.job.version)
            let budget = task.job.limits.memory.bytes
            if !task.job.isFresh, let warm = idle(key, budget: budget) {
                start(task, in: warm, key: key)
                busy[key, default: 0] += 1
            } else if !task.job.isFresh, busy[key, default: 0] >= configuration.eager, task.askedAt > patient {
                waiting.append(task)
            } else if let child = fresh(budget: budget) {
                busy[key, default: 0] += 1
                start(task, in: child, key: key)
            } else {
                waiting.append(task)
                wanted[budget, default: 0] += 1
            }
        }
        queue = waiting
        for (budget, count) in wanted {
            let coming = forking.values.filter { $0 == budget }.count + starting(budget: budget)
            for _ in 0..<max(0, min(count - coming, 16)) {
                if population >= configuration.maxIsolates, !evict() { return }
                if isZygoteReady, clock.monotonic() >= restartAt { fork(budget: budget) }
            }
        }
    }

    private var population: Int { children.count + forking.count }

    private func starting(budget: Int) -> Int {
        children.values.filter { if case .starting = $0.phase { $0.budget == budget } else { false } }.count
    }

    private func idle(_ key: IsolateChild.Key, budget: Int) -> IsolateChild? {
        children.values.first { if case .idle = $0.phase { $0.key == key && $0.budget == budget } else { false } }
    }

    private func fresh(budget: Int) -> IsolateChild? {
        children.values.first { if case .waiting = $0.phase { $0.budget == budget } else { false } }
    }

    /// Kills the idle isolate that was used longest ago. `false` when there is none.
    private func evict() -> Bool {
        var oldest: (child: IsolateChild, since: Duration)?
        for child in children.values {
            guard case .idle(let since) = child.phase, since < oldest?.since ?? .seconds(Int64.max) else { continue }
            oldest = (child, since)
        }
        guard let oldest else { return false }
        kill(oldest.child, nil)
        return true
    }

    private func start(_ task: IsolateTask, in child: IsolateChild, key: IsolateChild.Key) {
        let now = clock.monotonic()
        task.coldStart = child.key == nil
        task.deadline = now + task.job.limits.wall
        if child.key == nil { child.send(task.job.loadFrame) }
        child.key = key
        child.phase = .busy(task)
        child.runs += 1
        tasks[task.id] = child
        child.send(task.job.runFrame(deadline: clock.now() + task.job.limits.wall))
    }

    /// Keeps generic children waiting, off the path of runs.
    private func refill() {
        guard isZygoteReady, clock.monotonic() >= restartAt else { return }
        let budget = configuration.defaultMemory.bytes
        let ready = children.values.filter { if case .waiting = $0.phase { $0.budget == budget } else { false } }.count
        let coming = forking.values.filter { $0 == budget }.count + starting(budget: budget)
        let missing = configuration.waiting - ready - coming
        guard missing > 0 else { return }
        for _ in 0..<missing where population < configuration.maxIsolates { fork(budget: budget) }
    }

    // MARK: Polling

    private func poll() {
        var polled = [pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)]
        if let zygote { polled.append(pollfd(fd: zygote.control, events: Int16(POLLIN), revents: 0)) }
        let first = polled.count
        let order = children.values.filter { if case .dying = $0.phase { false } else { true } }
        for child in order {
            let events = Int16(POLLIN) | (child.hasOutput ? Int16(POLLOUT) : 0)
            polled.append(pollfd(fd: child.socket, events: events, revents: 0))
        }
        guard Glibc.poll(&polled, nfds_t(polled.count), timeout()) > 0 else { return }
        for (index, child) in order.enumerated() where polled[first + index].revents != 0 {
            if polled[first + index].revents & Int16(POLLOUT) != 0 { child.flush() }
            if polled[first + index].revents & ~Int16(POLLOUT) != 0 { readAll(child) }
        }
        if first > 1, polled[1].revents != 0 { readZygote() }
        if polled[0].revents != 0 { takeCommands() }
    }

    /// Milliseconds until something is due.
    private func timeout() -> Int32 {
        var next: Duration = .seconds(1)
        let now = clock.monotonic()
        for child in children.values {
            switch child.phase {
            case .busy(let task):
                next = min(next, (task.deadline ?? now) - now, IsolateLoop.memoryCheck)
            case .starting(let until): next = min(next, until - now)
            default: break
            }
        }
        for task in queue where task.askedAt + IsolateLoop.patience > now {
            next = min(next, task.askedAt + IsolateLoop.patience - now)
        }
        if restartAt > now { next = min(next, restartAt - now) }
        return Int32(clamping: max(0, next.milliseconds + 1))
    }

    private func takeCommands() {
        for command in inbox.take() {
            switch command {
            case .execute(let task): queue.append(task)
            case .cancel(let id):
                let failure = AttemptFailure(.handedBack, "the run was called off")
                if let child = tasks[id] {
                    kill(child, failure)
                } else if let index = queue.firstIndex(where: { $0.id == id }) {
                    fail(queue.remove(at: index), failure)
                }
            case .settle(let id, let operation, let answer):
                guard let child = tasks[id], case .busy = child.phase else { continue }
                if case .endRun(let failure) = answer {
                    kill(child, failure)
                } else if let frame = answer.frame(id: operation) {
                    child.send(frame)
                }
            case .retire(let version): retire(version)
            case .stop: isStopping = true
            }
        }
    }

    private func retire(_ version: RecipeVersion) {
        retired.insert(version)
        for child in children.values where child.key?.version == version {
            if case .idle = child.phase { kill(child, nil) }
        }
    }

    private func keepDeadlines() {
        let now = clock.monotonic()
        let checksMemory = now >= nextMemoryCheck
        if checksMemory { nextMemoryCheck = now + IsolateLoop.memoryCheck }
        for child in children.values {
            switch child.phase {
            case .busy(let task):
                if let deadline = task.deadline, now >= deadline {
                    kill(child, AttemptFailure(.wall, "the handler was not done within \(task.job.limits.wall.text)"))
                } else if checksMemory, child.residentBytes() - child.baseline > child.budget {
                    kill(
                        child,
                        AttemptFailure(
                            .memory, "the handler used more than \(ByteCount(bytes: child.budget)) of memory"))
                }
            case .starting(let until) where now >= until: kill(child, nil)
            case .idle(let since) where now - since >= configuration.idleAge: kill(child, nil)
            default: break
            }
        }
    }

    // MARK: What isolates say

    private func readAll(_ child: IsolateChild) {
        let isOpen = child.read(into: &buffer)
        do {
            while let frame = try child.nextFrame() { try take(IsolateMessage(frame), from: child) }
        } catch {
            kill(child, AttemptFailure(.protocol, "the isolate broke the protocol: \(error)"))
        }
        // Its end comes from the zygote, with the reason; until then there is nothing to read.
        guard !isOpen else { return }
        switch child.phase {
        case .busy(let task): child.phase = .dying(task)
        case .dying: break
        default: child.phase = .dying(nil)
        }
    }

    private func take(_ message: IsolateMessage, from child: IsolateChild) throws(FrameError) {
        if case .ready(let layers) = message {
            guard case .starting = child.phase else { throw FrameError("ready comes once") }
            child.phase = .waiting
            child.baseline = child.residentBytes()
            report(layers)
            return
        }
        guard case .busy(let task) = child.phase else {
            if case .dying = child.phase { return }
            throw FrameError("an isolate speaks without a run")
        }
        switch message {
        case .ready, .loaded: break
        case .failed(let failure): finish(child, task, .failed(failure))
        case .returned(let value): finish(child, task, .returned(value))
        case .replied(let reply): finish(child, task, .replied(reply))
        case .log(let level, let message, let fields): log(level, message, fields, task)
        case .call(let id, let connection, let operation, let input, let key, let timeout):
            let step = task.step("\(connection).\(operation)", key: key)
            perform(
                .call(connection: connection, operation: operation, input: input, step: step, timeout: timeout),
                id: id, task, child)
        case .fetch(let id, let method, let url, let headers, let body):
            let step = task.step("fetch", key: nil)
            perform(
                .fetch(method: method, url: url, headers: headers, body: body, step: step, timeout: nil), id: id, task,
                child)
        case .keyValue(let id, let operation): perform(.keyValue(operation), id: id, task, child)
        case .send(let connection, let operation, let input, let key, let delay):
            let step = task.step("\(connection).\(operation)", key: key)
            send(
                .send(
                    OutputRequest(connection: connection, operation: operation, input: input, step: step, delay: delay)),
                task, child)
        case .emit(let type, let data, let key):
            send(.emit(type: type, data: data, step: task.step("emit", key: key)), task, child)
        }
    }

    private func report(_ errors: [Int32]) {
        var report = SandboxReport(allowsJIT: configuration.allowsJIT)
        for (layer, error) in zip(SandboxReport.Layer.allCases, errors) {
            report.layers[layer] = error == 0 ? .active : .refused(errno: error)
        }
        onReport(report)
    }

    private func finish(_ child: IsolateChild, _ task: IsolateTask, _ result: IsolateOutcome.Result) {
        let now = clock.monotonic()
        tasks[task.id] = nil
        child.phase = .idle(since: now)
        task.end(result, now: now)
        let isUsedUp = child.runs >= configuration.maxRuns || task.job.isFresh
        let isRetired = child.key.map { retired.contains($0.version) } ?? false
        if isUsedUp || isRetired { kill(child, nil) }
    }

    private func log(_ level: LogLine.Level, _ message: String, _ fields: JSON?, _ task: IsolateTask) {
        let size = message.utf8.count + (fields.map { JSONWriter.bytes($0).count } ?? 0) + 16
        guard task.logBytes + size <= task.job.limits.log.bytes else {
            task.droppedLogLines += 1
            return
        }
        task.logBytes += size
        task.host.log(LogLine(level: level, at: clock.now(), message: message, fields: fields))
    }

    private func perform(_ operation: IsolateOperation, id: UInt32, _ task: IsolateTask, _ child: IsolateChild) {
        if case .keyValue = operation {
        } else {
            task.calls += 1
            guard task.calls <= task.job.limits.calls else {
                let text = "the handler made more than \(task.job.limits.calls) calls"
                return kill(child, AttemptFailure(.threw, text, isRetryable: false))
            }
        }
        let (host, number, inbox) = (task.host, task.id, inbox)
        let remaining = max(.zero, (task.deadline ?? .zero) - clock.monotonic())
        // Not structured: the operation goes on, and is recorded, also when the isolate that asked for it dies.
        Task {
            let answer = await host.perform(operation, remaining: remaining)
            _ = inbox.post(.settle(task: number, operation: id, answer))
        }
    }

    private func send(_ output: IsolateOutput, _ task: IsolateTask, _ child: IsolateChild) {
        task.outputs += 1
        guard task.outputs <= task.job.limits.outputs else {
            let text = "the handler left more than \(task.job.limits.outputs) outputs"
            return kill(child, AttemptFailure(.threw, text, isRetryable: false))
        }
        task.host.send(output)
    }
}
