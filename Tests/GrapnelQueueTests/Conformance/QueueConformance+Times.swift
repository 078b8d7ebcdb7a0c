import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    private static func alignment(_ schedules: [String], recipe: String = "report") -> ScheduleAlignment {
        ScheduleAlignment(
            tenant: .default, entries: Set(schedules.map { ScheduleAlignment.Entry(recipe: recipe, schedule: $0) }))
    }

    private static func tick(
        _ bench: Bench, _ schedule: String = "daily", at: Timestamp, isPassedOver: Bool = false
    ) -> ScheduleTick {
        ScheduleTick(
            tenant: .default, recipe: "report", schedule: schedule, at: at,
            accepted: isPassedOver
                ? nil
                : bench.accepted(
                    delivery: "\(schedule)@\(at)", source: "schedule:report", type: ScheduleTick.type,
                    recipes: ["report"]))
    }

    /// Moves the runs of a recipe step by step; how many have another version now.
    private static func move(_ bench: Bench, _ recipe: String, to version: RecipeVersion, limit: Int) async throws
        -> Int
    {
        var count = 0
        var place: RunMove.Place? = .start
        while let from = place {
            let report = try await bench.queue.move(RunMove(.recipe(recipe, from: from), to: version, limit: limit))
            count += report.count
            place = report.next
        }
        return count
    }

    static var scheduling: [ConformanceCase] {
        [
            ConformanceCase("a schedule begins when it is first known, and is forgotten when it goes") { bench in
                let start = bench.clock.now()
                let marks = try await bench.queue.align(alignment(["daily", "hourly"]))
                #expect(Set(marks.map(\.schedule)) == ["daily", "hourly"])
                #expect(marks.allSatisfy { $0.doneUntil == start && $0.lastTick == nil })
                bench.clock.advance(by: .seconds(60))
                #expect(try await bench.queue.align(alignment(["daily"])).map(\.doneUntil) == [start])
                #expect(try await bench.queue.scheduleMarks().map(\.schedule) == ["daily"])
            },
            ConformanceCase("a tick is stored once, with its event and its run") { bench in
                _ = try await bench.queue.align(alignment(["daily"]))
                let at = bench.clock.now() + .seconds(60)
                let result = try #require(try await bench.queue.tick(tick(bench, at: at)))
                #expect(result.dispositions == [.stored])
                let mark = try #require(try await bench.queue.scheduleMarks().first)
                #expect(mark.doneUntil == at && mark.lastTick == at)
                #expect(try await bench.queue.tick(tick(bench, at: at)) == nil)
                #expect(try await bench.queue.tick(tick(bench, at: at - .seconds(30))) == nil)
                #expect(try await bench.queue.counts().events == 1)
                #expect(try await bench.claimRuns().count == 1)
                let again = try await bench.restarted()
                #expect(try await again.queue.scheduleMarks() == [mark])
                #expect(try await again.queue.tick(tick(again, at: at)) == nil)
            },
            ConformanceCase("a tick that is passed over counts as done and makes nothing") { bench in
                _ = try await bench.queue.align(alignment(["daily"]))
                let at = bench.clock.now() + .seconds(60)
                let result = try await bench.queue.tick(tick(bench, at: at, isPassedOver: true))
                #expect(result != nil)
                let mark = try #require(try await bench.queue.scheduleMarks().first)
                #expect(mark.doneUntil == at && mark.lastTick == nil)
                #expect(try await bench.queue.counts().events == 0)
            },
            ConformanceCase("a tick of a schedule that has gone makes nothing") { bench in
                let result = try await bench.queue.tick(tick(bench, at: bench.clock.now()))
                #expect(result == nil)
                #expect(try await bench.queue.counts().events == 0)
            },
            ConformanceCase("a schedule that a wrong clock has carried far ahead begins anew") { bench in
                let start = bench.clock.now()
                _ = try await bench.queue.align(alignment(["daily"]))
                let ahead = start + .seconds(400 * 86_400)
                _ = try await bench.queue.tick(tick(bench, at: ahead))
                let marks = try await bench.queue.align(alignment(["daily"]))
                #expect(marks.map(\.doneUntil) == [start] && marks.map(\.lastTick) == [ahead])
                // What was carried ahead by less than a day stays: its ticks are done.
                let hour = start + .seconds(3600)
                _ = try await bench.queue.tick(tick(bench, at: hour))
                #expect(try await bench.queue.align(alignment(["daily"])).map(\.doneUntil) == [hour])
            },
            ConformanceCase("a run that is planned waits for its time") { bench in
                let at = bench.clock.now() + .seconds(3600)
                var accepted = bench.accepted(
                    source: "schedule:report", type: ScheduleTick.plannedType, recipes: ["report"])
                accepted.events[0].runs[0].dueAt = at
                _ = try await bench.queue.accept(accepted)
                let run = try #require(try await bench.queue.plannedRuns(of: "report", limit: 10).first)
                #expect(run.state == .scheduled && run.dueAt == at)
                #expect(try await bench.queue.plannedRuns(of: "other", limit: 10).isEmpty)
                #expect(try await bench.claimRuns().isEmpty)
                #expect(try await bench.queue.oldestDue() == at)
                bench.clock.advance(by: .seconds(3600))
                #expect(try await bench.claimRuns().map(\.run.id) == [run.id])
                #expect(try await bench.queue.plannedRuns(of: "report", limit: 10).isEmpty)
                try await bench.expectHonestCounters()
            },
        ]
    }

    static var clocks: [ConformanceCase] {
        [1, -1, 3600, -3600, 400 * 86_400, -400 * 86_400].map { (seconds: Int64) in
            ConformanceCase("moving the wall clock by \(seconds) s neither ends nor prolongs a lease") { bench in
                let (_, output) = try await bench.leasedOutput()
                let accepted = try await bench.leasedRun()
                _ = try await bench.queue.accept(bench.accepted(recipes: ["lead"]))
                let claimed = try #require(try await bench.claimRuns().first)
                bench.clock.setWallClock(bench.clock.now() + .seconds(seconds))
                #expect(try await bench.queue.rescue(LeaseRescue()) == LeaseRescueReport())
                bench.clock.advance(by: .milliseconds(29_999))
                #expect(try await bench.queue.rescue(LeaseRescue()) == LeaseRescueReport())
                let lost = try await bench.queue.extendLeases(
                    LeaseExtension(
                        runs: [accepted.run.id: accepted.fence], outputs: [output.effect.id: output.fence],
                        lease: .seconds(30)))
                #expect(lost == LostLeases())
                bench.clock.advance(by: .milliseconds(1))
                // The one whose holder did not prolong it is lost when its own time has passed, to the millisecond.
                #expect(try await bench.queue.rescue(LeaseRescue()).runs == 1)
                #expect(try await bench.finish(claimed) == .fenced)
                #expect(try await bench.finish(accepted) == .finished(leased: []))
                #expect(try await bench.finish(output, .succeed, .confirmed))
            }
        } + [
            ConformanceCase("retries that a wrong clock has put off are brought back") { bench in
                let right = bench.clock.now()
                bench.clock.setWallClock(right + .seconds(400 * 86_400))
                let run = try await bench.leasedRun()
                let failure = AttemptFailure(.threw, "it failed")
                _ = try await bench.finish(run, .retry(at: bench.clock.now() + .seconds(5)), failure: failure)
                let (_, output) = try await bench.leasedOutput()
                _ = try await bench.finish(
                    output, .retry(at: bench.clock.now() + .seconds(5)), .failed, failure: Bench.timeout,
                    attemptFailure: .callFailed)
                bench.clock.setWallClock(right)
                // What a person, or a handler, put off is due when they said.
                var planned = bench.accepted(recipes: ["lead"])
                planned.events[0].runs[0].dueAt = right + .seconds(400 * 86_400)
                _ = try await bench.queue.accept(planned)
                #expect(try await bench.claimRuns().isEmpty)
                let recall = Recall(dueAfter: right + RetryPolicy.longestDelay)
                #expect(try await bench.queue.recall(recall) == StepReport(count: 2, hasMore: false))
                #expect(try await bench.queue.recall(recall).count == 0)
                #expect(try await bench.claimRuns().map(\.run.id) == [run.run.id])
                #expect(try await bench.claimOutputs().map(\.effect.id) == [output.effect.id])
                try await bench.expectHonestCounters()
            }
        ]
    }

    static var parking: [ConformanceCase] {
        [
            ConformanceCase("a run that broke its sandbox puts its version in quarantine by the same commit") { bench in
                let run = try await bench.leasedRun()
                let failure = AttemptFailure(.syscall, "system call 41")
                _ = try await bench.finish(run, .park(.quarantined), failure: failure)
                // One that only waits for the version to be released says nothing new.
                let other = try await bench.leasedRun("other")
                _ = try await bench.finish(other, .park(.quarantined))
                let found = try await bench.queue.quarantines()
                #expect(
                    found == [
                        Quarantine(
                            recipe: "lead", version: Bench.version, run: run.run.id, error: "system call 41",
                            since: bench.clock.now())
                    ])
                #expect(try await bench.queue.liftQuarantine(of: "other", tenant: .default) == 0)
                #expect(try await bench.queue.liftQuarantine(of: "lead", tenant: .default) == 1)
                #expect(try await bench.queue.quarantines().isEmpty)
            },
            ConformanceCase("parked runs of one recipe and one reason wake in bounded steps") { bench in
                var parked: [Identifier<Run>] = []
                for _ in 0..<5 {
                    let run = try await bench.leasedRun()
                    _ = try await bench.finish(run, .park(.recipeGone))
                    parked.append(run.run.id)
                }
                for (recipe, reason) in [("lead", ParkReason.unknownEffect), ("other", .recipeGone)] {
                    _ = try await bench.finish(try await bench.leasedRun(recipe), .park(reason))
                }
                let wake = ParkedWake(.runs(ofRecipe: "lead"), parkedAs: .recipeGone, limit: 2)
                #expect(try await bench.queue.wake(wake) == StepReport(count: 2, hasMore: true))
                #expect(try await bench.queue.wake(wake) == StepReport(count: 2, hasMore: true))
                #expect(try await bench.queue.wake(wake) == StepReport(count: 1, hasMore: false))
                #expect(try await bench.claimRuns().map(\.run.id) == parked)
                #expect(try await bench.queue.counts().runs[.parked] == 2)
                try await bench.expectHonestCounters()
            },
            ConformanceCase("parked outputs of one connection and one reason wake") { bench in
                let (_, output) = try await bench.leasedOutput()
                #expect(
                    try await bench.finish(
                        output, .park(.connectionUnauthorized), .failed, failure: Bench.timeout,
                        attemptFailure: .callFailed))
                let elsewhere = ParkedWake(.outputs(toConnection: "crm"), parkedAs: .connectionUnauthorized)
                #expect(try await bench.queue.wake(elsewhere).count == 0)
                let wake = ParkedWake(.outputs(toConnection: "slack"), parkedAs: .connectionUnauthorized)
                #expect(try await bench.queue.wake(wake) == StepReport(count: 1, hasMore: false))
                #expect(try await bench.claimOutputs().map(\.effect.id) == [output.effect.id])
                try await bench.expectHonestCounters()
            },
            ConformanceCase("a person lets a waiting or parked run start now") { bench in
                let parked = try await bench.leasedRun()
                _ = try await bench.finish(parked, .park(.connectionUnauthorized))
                try await bench.queue.retry(parked.run.id)
                #expect(try await bench.claimRuns().map(\.run.id) == [parked.run.id])
                let later = try await bench.leasedRun()
                _ = try await bench.finish(later, .retry(at: bench.clock.now() + .seconds(3600)))
                try await bench.queue.retry(later.run.id)
                #expect(try await bench.claimRuns().map(\.run.id) == [later.run.id])
                let unknown = try await bench.leasedRun()
                _ = try await bench.finish(unknown, .park(.unknownEffect))
                await bench.expect(.conflict) { try await bench.queue.retry(unknown.run.id) }
                let done = try await bench.leasedRun()
                _ = try await bench.finish(done)
                await bench.expect(.conflict) { try await bench.queue.retry(done.run.id) }
                await bench.expect(.notFound) { try await bench.queue.retry(bench.ids.next()) }
                try await bench.expectHonestCounters()
            },
            ConformanceCase("runs that wait are moved to another version, leased and ended ones are not") { bench in
                let next = RecipeVersion(String(repeating: "b0", count: 32))
                let waiting = try await bench.leasedRun()
                _ = try await bench.finish(waiting, .retry(at: bench.clock.now() + .seconds(60)))
                let gone = try await bench.leasedRun()
                _ = try await bench.finish(gone, .park(.quarantined))
                let unknown = try await bench.leasedRun()
                _ = try await bench.finish(unknown, .park(.unknownEffect))
                let ended = try await bench.leasedRun()
                _ = try await bench.finish(ended)
                let other = try await bench.leasedRun("other")
                _ = try await bench.finish(other, .retry(at: bench.clock.now()))
                let leased = try await bench.leasedRun()
                // One run a step; the leased one and the ended one are passed by.
                #expect(try await move(bench, "lead", to: next, limit: 1) == 3)
                #expect(try await move(bench, "lead", to: next, limit: 1) == 0)
                for run in [waiting, gone, unknown] { #expect(try await bench.run(run.run.id).version == next) }
                for run in [ended, other, leased] { #expect(try await bench.run(run.run.id).version == Bench.version) }
                // What waited for another version has it; what waits for something else still does.
                #expect(try await bench.run(gone.run.id).state == .ready)
                #expect(try await bench.run(waiting.run.id).state == .scheduled)
                #expect(try await bench.run(unknown.run.id).parkReason == .unknownEffect)
                #expect(try await bench.queue.move(RunMove(.run(other.run.id), to: next)).count == 1)
                await bench.expect(.conflict) { _ = try await bench.queue.move(RunMove(.run(leased.run.id), to: next)) }
                await bench.expect(.conflict) { _ = try await bench.queue.move(RunMove(.run(ended.run.id), to: next)) }
                try await bench.expectHonestCounters()
            },
            ConformanceCase("what ticks are remembered by goes with their events, that of others when it has expired") {
                bench in
                let sources = [Event.source(ofSchedulesOf: "lead"), "crm"]
                func accept() async throws -> [AcceptedResult.Disposition] {
                    var found: [AcceptedResult.Disposition] = []
                    for source in sources {
                        let accepted = bench.accepted(delivery: "daily@today", source: source, window: .seconds(86_400))
                        found += try await bench.queue.accept(accepted).dispositions
                    }
                    return found
                }
                #expect(try await accept() == [.stored, .stored])
                bench.clock.advance(by: .seconds(3600))
                #expect(try await accept().allSatisfy { $0 != .stored })
                #expect(try await bench.queue.prune(Pruning(before: bench.clock.now())).events == 2)
                let again = try await accept()
                #expect(again.first == .stored && again.last != .stored)
            },
            ConformanceCase("digests of credentials are kept") { bench in
                #expect(try await bench.queue.credentialFingerprints().isEmpty)
                try await bench.queue.keepCredentials(["slack": [1], "crm": [2]], woken: true)
                try await bench.queue.keepCredentials(["slack": [3]], woken: false)
                // A hub that stops here does not count them as woken when it starts.
                #expect(try await bench.queue.credentialFingerprints() == ["crm": [2]])
                try await bench.queue.keepCredentials(["slack": [3]], woken: true)
                #expect(try await bench.queue.credentialFingerprints() == ["slack": [3], "crm": [2]])
            },
            ConformanceCase("what was refused with credentials that have been replaced meanwhile goes on at once") {
                bench in
                try await bench.queue.keepCredentials(["slack": [1]], woken: true)
                func end(_ run: LeasedRun, _ credentials: [UInt8]?) async throws -> Run {
                    _ = try await bench.queue.finishRun(
                        RunFinish(
                            run: run.run.id, fence: run.fence, decision: .park(.connectionUnauthorized),
                            counters: run.run.counters, attempt: nil, version: Bench.version, waitsFor: "slack",
                            credentials: credentials))
                    return try await bench.run(run.run.id)
                }
                func end(_ output: LeasedOutput, _ credentials: [UInt8]?) async throws -> EffectDetail.Delivery {
                    _ = try await bench.queue.finishOutput(
                        OutputFinish(
                            effect: output.effect.id, fence: output.fence, decision: .park(.connectionUnauthorized),
                            counters: output.counters, attempt: nil, state: .failed, failure: Bench.timeout,
                            credentials: credentials))
                    return try await bench.delivery(output.effect.id)
                }
                func outputs(_ count: Int) async throws -> [LeasedOutput] {
                    var found: [LeasedOutput] = []
                    for _ in 0..<count { found.append(try await bench.leasedOutput().1) }
                    return found
                }
                let runs = [try await bench.leasedRun(), try await bench.leasedRun(), try await bench.leasedRun()]
                let sent = try await outputs(3)
                // As long as they are the connection's, it waits for others.
                #expect(try await end(runs[0], [1]).parkReason == .connectionUnauthorized)
                #expect(try await end(sent[0], [1]).parkReason == .connectionUnauthorized)
                // From the moment on at which others are kept, nothing parks that these were refused for.
                try await bench.queue.keepCredentials(["slack": [2]], woken: false)
                #expect(try await end(runs[1], [1]).dueAt == bench.clock.now())
                #expect(try await end(sent[1], [1]).dueAt == bench.clock.now())
                #expect(try await end(runs[2], [2]).parkReason == .connectionUnauthorized)
                #expect(try await end(sent[2], [2]).parkReason == .connectionUnauthorized)
                try await bench.expectHonestCounters()
            },
        ]
    }
}
