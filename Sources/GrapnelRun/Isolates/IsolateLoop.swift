import Glibc
import GrapnelCore
import Logging

/// The isolates' thread: the only one that touches the zygote, the children and what waits for them. It polls, moves
/// bytes, keeps deadlines, and hands what isolates ask for to the jobs' hosts.
final class IsolateLoop {
    /// How often the deadlines and the memory of busy isolates are looked at. Runs that are over sooner are never.
    private static let check: Duration = .milliseconds(4)
    /// How often when one of them has used a quarter of its memory: it may fill the rest in a few milliseconds.
    private static let closeCheck: Duration = .milliseconds(1)
    /// How often idle isolates are looked at: their age and their memory.
    private static let housekeeping: Duration = .seconds(1)
    /// How long a failed start of a zygote is waited out.
    private static let restartDelay: Duration = .milliseconds(500)
    /// How long a child that was taken is not replaced: a fork beside its first run would slow that down, for both use
    /// the zygote's memory. With less than half of the children waiting it is not put off.
    private static let refillDelay: Duration = .milliseconds(3)
    /// The most children that are asked for at once.
    private static let forks = 16

    let configuration: IsolatePoolConfiguration
    let clock: any HubClock
    let logger: Logger
    let inbox: IsolateInbox
    let onReport: @Sendable (SandboxReport) -> Void

    /// Every zygote that runs, by its number: the one that forks, one that is to follow it, and those that only have
    /// children left.
    private var zygotes: [UInt32: ZygoteProcess] = [:]
    /// The one that forks.
    private var zygote: ZygoteProcess?
    /// The one that is getting warm to take its place.
    private var successor: ZygoteProcess?
    private var nextZygote: UInt32 = 0
    private var restartAt: Duration = .zero
    private let poller = IsolatePoller()
    var roster = IsolateRoster()
    private var queue = IsolateQueue()
    var tasks: [UInt64: IsolateChild] = [:]
    private var retired: Set<RecipeVersion> = []
    private var isStopping = false
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var nextCheck: Duration = .zero
    private var nextHousekeeping: Duration = .zero
    private var refillAt: Duration = .zero

    init(
        configuration: IsolatePoolConfiguration, clock: any HubClock, logger: Logger, inbox: IsolateInbox,
        onReport: @escaping @Sendable (SandboxReport) -> Void
    ) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        self.inbox = inbox
        self.onReport = onReport
        poller.watch(inbox.descriptor, as: .inbox)
    }

    /// Serves until it is stopped; then everything is killed.
    func run() {
        while !isStopping {
            keepZygote()
            assign()
            refill()
            poll()
            look()
        }
        for zygote in Array(zygotes.values) { lose(zygote, AttemptFailure(.handedBack, "the hub is stopping")) }
        for case .execute(let task) in inbox.close() { queue.append(task) }
        for task in queue.removeAll() { fail(task, AttemptFailure(.handedBack, "the hub is stopping")) }
    }

    // MARK: Zygote

    /// Sees to it that there is a zygote, and that it does not serve for ever: its children share its layout of memory.
    private func keepZygote() {
        let now = clock.monotonic()
        guard let current = zygote else {
            if now >= restartAt, !configuration.startsWhenNeeded || !queue.isEmpty { zygote = start(now: now) }
            return
        }
        if let next = successor {
            if next.isReady { replace(current, by: next) }
        } else if current.isReady, now >= restartAt,
            now - current.startedAt >= configuration.zygoteAge || current.forks >= configuration.zygoteForks
        {
            successor = start(now: now)
        }
    }

    /// Loses the zygotes that do not get warm or do not answer.
    private func checkZygotes(now: Duration) {
        for late in [zygote, successor].compactMap({ $0 })
        where !late.isReady && now - late.startedAt >= configuration.readyWithin * 2 {
            logger.error("the isolates' zygote did not get warm; starting another")
            lose(late, AttemptFailure(.leaseLost, "the isolates' zygote did not get warm"))
        }
        for stuck in Array(zygotes.values)
        where !stuck.flush() || stuck.isReady && stuck.isStuck(at: now, after: configuration.readyWithin) {
            logger.error("the isolates' zygote does not answer; starting another")
            lose(stuck, AttemptFailure(.leaseLost, "the isolates' zygote did not answer"))
        }
    }

    private func start(now: Duration) -> ZygoteProcess? {
        do throws(IsolatePoolError) {
            nextZygote &+= 1
            let started = try ZygoteProcess(
                number: nextZygote, executable: configuration.executable, allowsJIT: configuration.allowsJIT,
                allowsWebAssembly: configuration.allowsWebAssembly, now: now)
            zygotes[started.number] = started
            poller.watch(started.control, as: .zygote(started.number))
            return started
        } catch {
            logger.error("no isolates", metadata: ["error": "\(error)"])
            restartAt = now + IsolateLoop.restartDelay
            return nil
        }
    }

    /// A new zygote forks from now on. Children of the old one that have code finish their lives.
    private func replace(_ old: ZygoteProcess, by next: ZygoteProcess) {
        zygote = next
        successor = nil
        for child in roster.allWaiting where child.zygote === old { kill(child, nil) }
        endIfChildless(old)
    }

    private func endIfChildless(_ old: ZygoteProcess) {
        guard old !== zygote, old !== successor, old.children == 0, old.forking.isEmpty else { return }
        zygotes[old.number] = nil
        poller.forget(old.control)
        old.terminate()
    }

    /// A zygote is gone, and with it every child of it.
    private func lose(_ lost: ZygoteProcess, _ failure: AttemptFailure) {
        guard zygotes.removeValue(forKey: lost.number) != nil else { return }
        if lost === zygote { zygote = nil }
        if lost === successor { successor = nil }
        poller.forget(lost.control)
        lost.terminate()
        restartAt = clock.monotonic() + IsolateLoop.restartDelay
        for child in Array(roster.children.values) where child.zygote === lost {
            _ = roster.remove(child.process)
            child.hangUp()
            switch child.phase {
            case .busy(let task), .dying(let task?): fail(task, child.killedFor ?? failure)
            default: break
            }
        }
    }

    private func fork(budget: Int) {
        guard let zygote, !zygote.fork(budget: budget) else { return }
        lose(zygote, AttemptFailure(.leaseLost, "the isolates' zygote ended"))
    }

    private func read(_ sender: ZygoteProcess) {
        switch sender.receive(now: clock.monotonic()) {
        case .nothing: break
        case .ready: sender.isReady = true
        case .forked(let token, let process, let socket):
            guard let budget = sender.forking.removeValue(forKey: token), socket >= 0 else {
                logger.warning("an isolate could not be forked")
                restartAt = clock.monotonic() + IsolateLoop.restartDelay
                return
            }
            sender.children += 1
            let child = IsolateChild(
                process: process, zygote: sender, socket: socket, budget: budget,
                readyUntil: clock.monotonic() + configuration.readyWithin, poller: poller)
            roster.add(child)
            // One that was asked for before its zygote was replaced is not wanted any more.
            if sender !== zygote { kill(child, nil) }
        case .ended(let process, let status, let cpu, let peak):
            bury(process, status: status, cpu: .microseconds(Int64(clamping: cpu)), peak: Int(clamping: peak) << 10)
        case nil:
            logger.error("the isolates' zygote ended; starting another")
            lose(sender, AttemptFailure(.leaseLost, "the isolates' zygote ended"))
        }
    }

    private func bury(_ process: pid_t, status: Int32, cpu: Duration, peak: Int) {
        guard let child = roster[process] else { return }
        // What it said before it died still counts: a result that is complete is a result.
        if child.killedFor == nil { readAll(child) }
        _ = roster.remove(process)
        child.hangUp()
        child.zygote.children -= 1
        endIfChildless(child.zygote)
        switch child.phase {
        case .busy(let task), .dying(let task?):
            let hungUp =
                child.hasHungUp && status & 0x7F == SIGKILL
                ? AttemptFailure(.protocol, "the isolate closed its connection to the hub") : nil
            let failure = IsolateDeath.failure(
                asked: child.killedFor ?? hungUp, status: status, call: child.forbiddenCall, peak: peak,
                baseline: child.baseline, budget: child.budget)
            tasks[task.id] = nil
            task.end(.failed(failure), now: clock.monotonic(), cpu: cpu, peak: ByteCount(bytes: peak))
        default:
            // One that dies without a run and unasked would be replaced at once, and its replacement again.
            guard !child.isDismissed, child.key == nil else { return }
            logger.warning("an isolate died without a run", metadata: ["status": "\(status)"])
            restartAt = clock.monotonic() + IsolateLoop.restartDelay
        }
    }

    func kill(_ child: IsolateChild, _ failure: AttemptFailure?) {
        if case .dying = child.phase { return }
        child.killedFor = failure
        child.isDismissed = true
        if case .busy(let task) = child.phase {
            roster.move(child, to: .dying(task))
        } else {
            roster.move(child, to: .dying(nil))
        }
        child.zygote.kill(child.process)
    }

    // MARK: Jobs

    private func admit(_ task: IsolateTask) {
        if let refusal = task.job.refusal { return fail(task, refusal) }
        // A version that was taken back is in use again.
        retired.remove(task.job.version)
        queue.append(task)
    }

    private func fail(_ task: IsolateTask, _ failure: AttemptFailure) {
        tasks[task.id] = nil
        task.end(.failed(failure), now: clock.monotonic())
    }

    /// Gives waiting jobs their isolates, a job of each line in turn. Who was served goes behind the others; who could not
    /// be keeps its place, so that the next isolate that comes free is its own.
    private func assign() {
        guard !queue.isEmpty else { return }
        let patient = clock.monotonic() - configuration.patience
        var wanted: [Int: Int] = [:]
        var stuck: Set<IsolateChild.Key> = []
        var isServing = true
        while isServing {
            isServing = false
            for key in queue.turns where !stuck.contains(key) {
                guard let task = queue.first(key) else { continue }
                if let child = child(for: task, patient: patient, &wanted) {
                    start(task, in: child)
                    queue.served(key)
                    isServing = true
                } else {
                    stuck.insert(key)
                }
            }
        }
    }

    /// The isolate for the first job of a line; `nil` when it must wait, for one of its recipe or for a fork.
    private func child(for task: IsolateTask, patient: Duration, _ wanted: inout [Int: Int]) -> IsolateChild? {
        let key = task.key
        if !task.job.isFresh {
            if let warm = roster.idle(key) { return warm }
            if roster.computing(key) >= configuration.eager, task.askedAt > patient { return nil }
        }
        if let waiting = roster.waiting(budget: key.budget) { return waiting }
        wanted[key.budget, default: 0] += queue.count(key)
        fork(wanted[key.budget, default: 0], budget: key.budget)
        return nil
    }

    private func start(_ task: IsolateTask, in child: IsolateChild) {
        let now = clock.monotonic()
        task.coldStart = child.key == nil
        if task.coldStart { refillAt = now + IsolateLoop.refillDelay }
        task.deadline = now + task.job.limits.wall
        task.messagesSince = now
        if child.key == nil { child.send(task.job.loadFrame) }
        roster.move(child, to: .busy(task), key: task.key)
        child.runs += 1
        tasks[task.id] = child
        if task.job.onlyLoads { return }
        child.send(task.job.runFrame(deadline: clock.now() + task.job.limits.wall))
    }

    /// Keeps generic children waiting, off the path of runs.
    private func refill() {
        let budget = configuration.defaultMemory.bytes
        guard clock.monotonic() >= refillAt || roster.waitingCount(budget: budget) * 2 < configuration.waiting else {
            return
        }
        fork(configuration.waiting - roster.waitingCount(budget: budget), budget: budget)
    }

    /// Sees to it that `count` children with a budget are on their way, as far as there is room for them.
    private func fork(_ count: Int, budget: Int) {
        guard count > 0, let zygote, zygote.isReady, clock.monotonic() >= restartAt else { return }
        let coming = zygote.forking.values.count { $0 == budget } + roster.startingCount(budget: budget)
        for _ in 0..<max(0, min(count - coming, IsolateLoop.forks)) {
            if roster.liveCount + zygote.forking.count >= configuration.maxIsolates {
                guard let oldest = roster.longestIdle else { return }
                kill(oldest, nil)
            }
            fork(budget: budget)
        }
    }

    // MARK: Polling

    private func poll() {
        for event in poller.wait(milliseconds: timeout()) {
            switch event.subject {
            case .inbox: takeCommands()
            case .zygote(let number): if let sender = zygotes[number] { read(sender) }
            case .child(let process):
                // One that was reported dead just before is gone.
                guard let child = roster[process] else { continue }
                if event.isWritable { child.flush() }
                if event.isReadable { readAll(child) }
            }
        }
    }

    /// Milliseconds until something is due.
    private func timeout() -> Int32 {
        let now = clock.monotonic()
        var next = nextHousekeeping - now
        if !roster.busy.isEmpty || !roster.starting.isEmpty { next = min(next, nextCheck - now) }
        if !queue.isEmpty || zygotes.values.contains(where: \.hasOutput) { next = min(next, IsolateLoop.check) }
        if restartAt > now { next = min(next, restartAt - now) }
        if refillAt > now { next = min(next, refillAt - now) }
        return Int32(clamping: max(0, next.milliseconds + 1))
    }

    private func takeCommands() {
        for command in inbox.take() {
            switch command {
            case .execute(let task): admit(task)
            case .cancel(let id):
                let failure = AttemptFailure(.handedBack, "the run was called off")
                if let child = tasks[id] {
                    kill(child, failure)
                } else if let task = queue.remove(id: id) {
                    fail(task, failure)
                }
            case .settle(let id, let operation, let answer):
                guard let child = tasks[id], case .busy(let task) = child.phase else { continue }
                roster.note(child, pending: -1)
                if !task.waiting.isEmpty { begin(task.waiting.removeFirst(), task, child) }
                if task.waiting.isEmpty { task.waitingBytes = 0 }
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
        for child in roster.allIdle where child.key?.version == version { kill(child, nil) }
    }

    /// Ends what is overdue or too large, from time to time.
    private func look() {
        let now = clock.monotonic()
        if now >= nextCheck {
            checkZygotes(now: now)
            var isAnyHungry = false
            for child in Array(roster.busy.values) where check(child, now: now) { isAnyHungry = true }
            nextCheck = now + (isAnyHungry ? IsolateLoop.closeCheck : IsolateLoop.check)
            for child in Array(roster.starting.values) {
                if case .starting(let until) = child.phase, now >= until { kill(child, nil) }
            }
        }
        if now >= nextHousekeeping {
            nextHousekeeping = now + IsolateLoop.housekeeping
            keepHouse(now: now)
        }
    }

    /// Ends a run that is beyond its limits; `true` when it has used a quarter of its memory.
    private func check(_ child: IsolateChild, now: Duration) -> Bool {
        guard case .busy(let task) = child.phase, let deadline = task.deadline,
            now - (deadline - task.job.limits.wall) >= IsolateLoop.check
        else { return false }
        let used = child.privateBytes()
        if now >= deadline {
            kill(child, AttemptFailure(.wall, "the handler was not done within \(task.job.limits.wall.text)"))
        } else if used > child.budget {
            kill(
                child,
                AttemptFailure(.memory, "the handler used more than \(ByteCount(bytes: child.budget)) of memory"))
        }
        return used > child.budget / 4
    }

    /// Lets idle isolates go that are old or have grown, and the oldest ones when all together use too much memory.
    private func keepHouse(now: Duration) {
        var kept: [(child: IsolateChild, bytes: Int)] = []
        for child in roster.allIdle {
            let bytes = child.privateBytes()
            if now - child.idleSince >= configuration.idleAge || bytes > child.budget / 4 * 3 {
                kill(child, nil)
            } else {
                kept.append((child, bytes))
            }
        }
        var total = kept.reduce(0) { $0 + $1.bytes } + roster.busy.values.reduce(0) { $0 + $1.privateBytes() }
        for (child, bytes) in kept where total > configuration.memory.bytes {
            kill(child, nil)
            total -= bytes
        }
    }

    // MARK: What isolates say

    private func readAll(_ child: IsolateChild) {
        let isOpen = child.read(into: &buffer)
        do {
            while let frame = try child.nextFrame() {
                try take(IsolateMessage(frame), size: frame.payload.count, from: child)
            }
        } catch {
            if case .starting = child.phase {
                // Another version of the program, or a broken one: its next child would say the same.
                logger.error(
                    "an isolate broke the protocol when it started; is grapnel-isolate of this version?",
                    metadata: ["error": "\(error)"])
                restartAt = clock.monotonic() + IsolateLoop.restartDelay
            }
            kill(child, AttemptFailure(.protocol, "the isolate broke the protocol: \(error)"))
        }
        // Its end comes from the zygote, with the reason; until then there is nothing to read.
        guard !isOpen else { return }
        poller.forget(child.socket)
        switch child.phase {
        case .busy(let task): roster.move(child, to: .dying(task))
        case .dying: return
        default: roster.move(child, to: .dying(nil))
        }
        // One that only closed its socket would be out of everybody's reach.
        child.hasHungUp = true
        child.zygote.kill(child.process)
    }

    private func take(_ message: IsolateMessage, size: Int, from child: IsolateChild) throws(FrameError) {
        if case .ready(let layers) = message {
            guard case .starting = child.phase else { throw FrameError("ready comes once") }
            roster.move(child, to: .waiting)
            child.baseline = child.residentBytes()
            report(layers)
            return
        }
        if case .forbidden(let call) = message {
            child.forbiddenCall = call
            return
        }
        guard case .busy(let task) = child.phase else {
            if case .dying = child.phase { return }
            throw FrameError("an isolate speaks without a run")
        }
        if let refusal = task.refusalOfMessage(at: clock.monotonic()) ?? task.refusal(of: message, size: size) {
            return kill(child, refusal)
        }
        switch message {
        case .loaded:
            task.isLoaded = true
            if task.job.onlyLoads { finish(child, task, .returned(nil)) }
        case .ready, .forbidden: break
        case .failed(let failure):
            guard task.coldStart, !task.isLoaded else { return finish(child, task, .failed(failure)) }
            // Code that cannot be loaded does not load the next time either.
            let told = AttemptFailure(.bundle, failure.message, stack: failure.stack, isRetryable: false)
            finish(child, task, .failed(told))
            kill(child, nil)
        case .returned(let value): finish(child, task, .returned(value))
        case .replied(let reply): finish(child, task, .replied(reply))
        case .log(let level, let message, let fields):
            task.log(LogLine(level: level, at: clock.now(), message: message, fields: fields))
        case .call(let id, let connection, let operation, let input, let key, let timeout):
            let step = task.step("\(connection).\(operation)", key: key)
            perform(
                .call(connection: connection, operation: operation, input: input, step: step, timeout: timeout),
                id: id, size: size, task, child)
        case .fetch(let id, let method, let url, let headers, let body):
            let step = task.step("fetch", key: nil)
            perform(
                .fetch(method: method, url: url, headers: headers, body: body, step: step, timeout: nil), id: id,
                size: size,
                task, child)
        case .keyValue(let id, let operation): perform(.keyValue(operation), id: id, size: size, task, child)
        case .send(let connection, let operation, let input, let key, let delay):
            let step = task.step("\(connection).\(operation)", key: key)
            send(
                .send(
                    OutputRequest(connection: connection, operation: operation, input: input, step: step, delay: delay)),
                task, child)
        case .emit(let type, let data, let key, let delay, let at):
            let step = task.step("emit", key: key)
            send(.emit(EventEmission(type: type, data: data, step: step, delay: delay, at: at)), task, child)
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
        roster.move(child, to: .idle(since: now))
        task.end(result, now: now)
        let isUsedUp = child.runs >= configuration.maxRuns || task.job.isFresh
        let isRetired = child.key.map { retired.contains($0.version) } ?? false
        if isUsedUp || isRetired { kill(child, nil) }
    }

    private func perform(
        _ operation: IsolateOperation, id: UInt32, size: Int, _ task: IsolateTask, _ child: IsolateChild
    ) {
        if let refusal = task.refusal(of: operation) { return kill(child, refusal) }
        let asked = IsolateTask.Asked(id: id, operation: operation)
        if child.pending < task.job.limits.concurrency {
            begin(asked, task, child)
        } else {
            task.waitingBytes += size
            guard task.waitingBytes <= IsolateTask.mostWaiting.bytes else {
                let text = "asked for more than \(IsolateTask.mostWaiting) at once, and awaited nothing"
                return kill(child, IsolateTask.beyond(text))
            }
            task.waiting.append(asked)
        }
    }

    private func begin(_ asked: IsolateTask.Asked, _ task: IsolateTask, _ child: IsolateChild) {
        roster.note(child, pending: 1)
        let (host, number, inbox) = (task.host, task.id, inbox)
        let remaining = max(.zero, (task.deadline ?? .zero) - clock.monotonic())
        // Not structured: the operation goes on, and is recorded, also when the isolate that asked for it dies.
        Task {
            let answer = await host.perform(asked.operation, remaining: remaining)
            _ = inbox.post(.settle(task: number, operation: asked.id, answer))
        }
    }

    private func send(_ output: IsolateOutput, _ task: IsolateTask, _ child: IsolateChild) {
        if let refusal = task.send(output) { kill(child, refusal) }
    }
}
