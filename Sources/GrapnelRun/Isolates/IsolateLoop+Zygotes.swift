import Glibc
import GrapnelCore
import Logging

extension IsolateLoop {
    /// Sees to it that there is a zygote, and that it does not serve for ever: its children share its layout of memory.
    func keepZygote() {
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
    func checkZygotes(now: Duration) {
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

    func start(now: Duration) -> ZygoteProcess? {
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
    func lose(_ lost: ZygoteProcess, _ failure: AttemptFailure) {
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

    func fork(budget: Int) {
        guard let zygote, !zygote.fork(budget: budget) else { return }
        lose(zygote, AttemptFailure(.leaseLost, "the isolates' zygote ended"))
    }

    func read(_ sender: ZygoteProcess) {
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
}
