import GrapnelCore

extension IsolateLoop {
    func admit(_ task: IsolateTask) {
        if let refusal = task.job.refusal { return fail(task, refusal) }
        // A version that was taken back is in use again.
        retired.remove(task.job.version)
        queue.append(task)
    }

    func fail(_ task: IsolateTask, _ failure: AttemptFailure) {
        tasks[task.id] = nil
        task.end(.failed(failure), now: clock.monotonic())
    }

    /// Gives waiting jobs their isolates, a job of each line in turn. Who was served goes behind the others; who could not
    /// be keeps its place, so that the next isolate that comes free is its own.
    func assign() {
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
    func child(for task: IsolateTask, patient: Duration, _ wanted: inout [Int: Int]) -> IsolateChild? {
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

    func start(_ task: IsolateTask, in child: IsolateChild) {
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
    func refill() {
        let budget = configuration.defaultMemory.bytes
        guard clock.monotonic() >= refillAt || roster.waitingCount(budget: budget) * 2 < configuration.waiting else {
            return
        }
        fork(configuration.waiting - roster.waitingCount(budget: budget), budget: budget)
    }

    /// Sees to it that `count` children with a budget are on their way, as far as there is room for them.
    func fork(_ count: Int, budget: Int) {
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
}
