import GrapnelCore

extension IsolateLoop {
    func poll() {
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
    func timeout() -> Int32 {
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
    func look() {
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
    func check(_ child: IsolateChild, now: Duration) -> Bool {
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
}
