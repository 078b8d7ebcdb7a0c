import FaultVFS
import GRDBSQLite
import GrapnelCore
import GrapnelQueue
import ServiceLifecycle
import TestSupport
import Testing

/// The disk fails at every call in turn: nothing is answered that was not kept, and the queue goes on when the disk does.
@Suite struct DiskFaultTests {
    /// Ways in which a write fails.
    enum Failure: CaseIterable {
        case full, error, short

        func fault(after: Int, times: Int?) -> DiskFault {
            switch self {
            case .full: DiskFault(call: FAULT_WRITE, after: after, times: times, code: SQLITE_FULL)
            case .error: DiskFault(call: FAULT_WRITE, after: after, times: times, code: DiskFaultTests.writeError)
            // As the VFS of SQLite tells of a write that the disk took half of.
            case .short: DiskFault(call: FAULT_WRITE, after: after, times: times, code: SQLITE_FULL, writesHalf: true)
            }
        }
    }

    // The extended codes are macros that Swift cannot read.
    private static let readError = SQLITE_IOERR | (1 << 8)
    private static let writeError = SQLITE_IOERR | (3 << 8)
    private static let syncError = SQLITE_IOERR | (4 << 8)
    private static let events = 4

    /// How many calls of this kind a trial makes when nothing fails.
    private func calls(_ call: fault_call) async throws -> (opening: Int, all: Int) {
        let trial = try Trial()
        let queue = try await trial.open()
        let opening = trial.disk?.calls(call) ?? 0
        for _ in 0..<DiskFaultTests.events { try await trial.offer(queue) }
        let all = trial.disk?.calls(call) ?? 0
        await queue.close()
        trial.disk?.detach()
        return (opening, all - opening)
    }

    @Test(arguments: Failure.allCases)
    func `a write that fails, whichever it is, refuses what it was for and nothing else`(_ failure: Failure)
        async throws
    {
        let count = try await calls(FAULT_WRITE).all
        #expect(count > 60)
        for number in 0..<count {
            let trial = try Trial()
            defer { trial.disk?.detach() }
            let queue = try await trial.open()
            // Every other time the disk stays broken until somebody sees to it.
            trial.disk?.fail(failure.fault(after: number, times: number % 2 == 0 ? 1 : nil))
            for _ in 0..<DiskFaultTests.events { try await trial.offer(queue) }
            #expect(trial.refusals.allSatisfy { $0.code == .storage }, "call \(number): \(trial.refusals)")
            trial.disk?.mend()
            try await trial.offer(queue)
            #expect(trial.isAccepting, "call \(number): it goes on without a restart")
            #expect(try await trial.lies(queue) == [], "call \(number)")
            await queue.close()
            let next = try await trial.open()
            #expect(try await trial.lies(next) == [], "call \(number), after a restart")
            await next.close()
            #expect(RawDatabase.damage(of: trial.path) == [], "call \(number)")
        }
    }

    @Test(arguments: Failure.allCases)
    func `a start that fails, whichever write it is, says so and harms nothing`(_ failure: Failure) async throws {
        let count = try await calls(FAULT_WRITE).opening
        for number in 0..<count {
            let trial = try Trial()
            defer { trial.disk?.detach() }
            trial.disk?.fail(failure.fault(after: number, times: nil))
            let error = await #expect(throws: QueueError.self, "call \(number)") { _ = try await trial.open() }
            #expect(error?.code == .storage, "call \(number): \(String(describing: error))")
            trial.disk?.mend()
            let queue = try await trial.open()
            try await trial.offer(queue)
            #expect(trial.isAccepting)
            await queue.close()
        }
    }

    @Test func `a read that fails, whichever it is, is told to the one who reads`() async throws {
        let trial = try Trial()
        defer { trial.disk?.detach() }
        var queue = try await trial.open()
        for _ in 0..<DiskFaultTests.events { try await trial.offer(queue, bytes: 20_000) }
        var failed = 0
        for number in 0..<40 {
            // A queue that was opened just now has nothing in memory.
            await queue.close()
            queue = try await trial.open()
            trial.disk?.fail(DiskFault(call: FAULT_READ, after: number, times: 1, code: DiskFaultTests.readError))
            do {
                #expect(try await trial.lies(queue) == [])
            } catch let error as QueueError {
                failed += 1
                #expect(error.code == .storage)
            }
            trial.disk?.mend()
            #expect(try await trial.lies(queue) == [])
        }
        #expect(failed > 10)
        await queue.close()
    }

    @Test(arguments: ["-wal", ".db"])
    func `a failed sync ends the writer, and nothing is synced or written again`(_ suffix: String) async throws {
        let count = try await calls(FAULT_SYNC).all
        var failures = 0
        for number in 0..<count {
            let trial = try Trial()
            defer { trial.disk?.detach() }
            let disk = try #require(trial.disk)
            var left: QueueError?
            do {
                let queue = try await trial.open()
                disk.fail(DiskFault(call: FAULT_SYNC, suffix: suffix, after: number, code: DiskFaultTests.syncError))
                var calls: (Int, Int)?
                for _ in 0..<DiskFaultTests.events {
                    try await trial.offer(queue)
                    if !trial.isAccepting, calls == nil { calls = (disk.calls(FAULT_SYNC), disk.calls(FAULT_WRITE)) }
                }
                // A checkpoint that failed after the last commit has nobody to tell but the service.
                guard let calls else {
                    await queue.close()
                    continue
                }
                failures += 1
                #expect(trial.refusals.allSatisfy { $0.code == .storage })
                left = await #expect(throws: QueueError.self) { try await queue.run() }
                #expect(disk.calls(FAULT_SYNC) == calls.0, "sync \(number)")
                #expect(disk.calls(FAULT_WRITE) == calls.1, "sync \(number)")
            }
            // The queue is gone, as it is when the process has ended.
            #expect(left?.message.contains("the hub must stop") == true)
            let syncs = disk.calls(FAULT_SYNC)
            disk.mend()
            let image = try disk.copy()
            let queue = try await Workload.open(image.file("grapnel.db"), clock: trial.clock)
            #expect(try await trial.lies(queue, allowingUnknown: true) == [], "sync \(number)")
            await queue.close()
            #expect(disk.calls(FAULT_SYNC) == syncs)
        }
        #expect(failures >= 2)
    }

    @Test func `a service whose sync fails throws, so that the hub ends`() async throws {
        let trial = try Trial()
        defer { trial.disk?.detach() }
        let queue = try await trial.open()
        let group = ServiceGroup(services: [queue], logger: Workload.logger)
        trial.disk?.fail(DiskFault(call: FAULT_SYNC, code: DiskFaultTests.syncError))
        let error = await #expect(throws: QueueError.self) {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await trial.offer(queue)
                try await tasks.waitForAll()
            }
        }
        #expect(error?.code == .storage)
        #expect(!trial.isAccepting)
    }

    @Test func `a disk that turns read-only refuses writes, is still read, and goes on when it is back`() async throws {
        let trial = try Trial()
        defer { trial.disk?.detach() }
        let queue = try await trial.open()
        try await trial.offer(queue)
        trial.disk?.fail(DiskFault(call: FAULT_WRITE, times: nil, code: DiskFaultTests.writeError))
        trial.disk?.fail(DiskFault(call: FAULT_TRUNCATE, times: nil, code: DiskFaultTests.writeError))
        for _ in 0..<3 { try await trial.offer(queue) }
        #expect(trial.refusals.count == 3)
        #expect(trial.refusals.allSatisfy { $0.code == .storage })
        #expect(try await trial.lies(queue) == [])
        trial.disk?.mend()
        try await trial.offer(queue)
        #expect(trial.isAccepting)
        await queue.close()
    }

    @Test func `behind a slow sync writes wait within their bound, and none is lost`() async throws {
        let trial = try Trial(limits: QueueLimits(waitingWrites: 8))
        defer { trial.disk?.detach() }
        let disk = try #require(trial.disk)
        let queue = try await trial.open()
        let gate = disk.holdNext(FAULT_SYNC)
        let requests = (0..<10).map { _ in trial.request(bytes: 3000) }
        let slow = Task { try await queue.accept(requests[0].1) }
        await gate.arrival()
        let answers = await withTaskGroup(of: (Int, QueueError?).self) { group in
            for number in 1..<10 {
                group.addTask {
                    do {
                        _ = try await queue.accept(requests[number].1)
                        return (number, nil)
                    } catch {
                        return (number, error as? QueueError)
                    }
                }
            }
            var answers: [(Int, QueueError?)] = []
            // The first answer is the refusal: all others wait for the disk.
            if let first = await group.next() { answers.append(first) }
            gate.open()
            for await answer in group { answers.append(answer) }
            return answers
        }
        _ = try await slow.value
        #expect(answers.first?.1?.code == .full)
        #expect(answers.filter { $0.1 != nil }.count == 1)
        for (number, error) in answers + [(0, nil)] {
            #expect((try await queue.event(requests[number].0.event) != nil) == (error == nil))
        }
        await queue.close()
    }
}
