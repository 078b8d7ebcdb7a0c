import GrapnelCore
import Logging

// What isolates say.
extension IsolateLoop {
    func readAll(_ child: IsolateChild) {
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

    func take(_ message: IsolateMessage, size: Int, from child: IsolateChild) throws(FrameError) {
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

    func begin(_ asked: IsolateTask.Asked, _ task: IsolateTask, _ child: IsolateChild) {
        roster.note(child, pending: 1)
        let (host, number, inbox) = (task.host, task.id, inbox)
        let remaining = max(.zero, (task.deadline ?? .zero) - clock.monotonic())
        // Not structured: the operation goes on, and is recorded, also when the isolate that asked for it dies.
        Task {
            let answer = await host.perform(asked.operation, remaining: remaining)
            _ = inbox.post(.settle(task: number, operation: asked.id, answer))
        }
    }

    func send(_ output: IsolateOutput, _ task: IsolateTask, _ child: IsolateChild) {
        if let refusal = task.send(output) { kill(child, refusal) }
    }
}
