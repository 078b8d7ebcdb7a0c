import GrapnelCore
import GrapnelQueue
import GrapnelRun
import Testing

@Suite struct AttemptConclusionTests {
    static let now = Timestamp(milliseconds: 1_767_603_600_000)

    private func conclusion(
        counters: WorkCounters = WorkCounters(), reply: ReplyPolicy? = nil, limits: HostLimits = HostLimits()
    ) -> AttemptConclusion {
        AttemptConclusion(
            leased: Sample.run(counters: counters), version: Sample.otherVersion, policy: RetryPolicy(), limits: limits,
            reply: reply, startedAt: Self.now - .milliseconds(5), now: Self.now, unit: 0.5)
    }

    private func finish(
        _ result: IsolateOutcome.Result, counters: WorkCounters = WorkCounters(), harvest: RunHarvest = RunHarvest(),
        reply: ReplyPolicy? = nil, limits: HostLimits = HostLimits()
    ) -> RunFinish {
        conclusion(counters: counters, reply: reply, limits: limits)
            .finish(Sample.outcome(result), harvest: harvest) { _ throws(AttemptFailure) in [] }
    }

    struct Failing: Sendable, CustomTestStringConvertible {
        var failure: AttemptFailure
        var before = WorkCounters()
        var decision: WorkDecision
        var after: WorkCounters

        var testDescription: String { "\(failure.kind) after \(before.attempts) tries" }
    }

    static let failing: [Failing] = [
        Failing(
            failure: AttemptFailure(.threw, "no"), decision: .retry(at: now + .seconds(5)),
            after: WorkCounters(attempts: 1)),
        Failing(
            failure: AttemptFailure(.threw, "no"), before: WorkCounters(attempts: 1),
            decision: .retry(at: now + .seconds(300)), after: WorkCounters(attempts: 2)),
        Failing(
            failure: AttemptFailure(.threw, "no"), before: WorkCounters(attempts: 9), decision: .die(.exhausted),
            after: WorkCounters(attempts: 10)),
        Failing(
            failure: AttemptFailure(.wall, "late"), decision: .retry(at: now + .seconds(5)),
            after: WorkCounters(attempts: 1)),
        Failing(
            failure: AttemptFailure(.memory, "full"), decision: .retry(at: now + .seconds(5)),
            after: WorkCounters(attempts: 1, deaths: 1)),
        Failing(
            failure: AttemptFailure(.cpu, "hot"), before: WorkCounters(attempts: 2, deaths: 2), decision: .die(.poison),
            after: WorkCounters(attempts: 3, deaths: 3)),
        Failing(
            failure: AttemptFailure(.discarded, "not for us", isRetryable: false), decision: .die(.rejected),
            after: WorkCounters(attempts: 1)),
        Failing(
            failure: AttemptFailure(.retryAfter, "later", retryAfter: .seconds(600)),
            decision: .retry(at: now + .seconds(600)), after: WorkCounters(attempts: 1)),
        Failing(
            failure: AttemptFailure(.callFailed, "429", retryAfter: .seconds(60)),
            decision: .retry(at: now + .seconds(60)), after: WorkCounters(attempts: 1)),
        Failing(
            failure: AttemptFailure(.callFailed, "404", isRetryable: false), decision: .die(.rejected),
            after: WorkCounters(attempts: 1)),
    ]

    @Test(arguments: failing)
    func `a failed attempt is followed by what the policy says`(sample: Failing) {
        let finish = finish(.failed(sample.failure), counters: sample.before)
        #expect(finish.decision == sample.decision)
        #expect(finish.counters == sample.after)
        #expect(finish.attempt?.failure == sample.failure)
        #expect(finish.attempt?.ordinal == sample.before.attempts + 1)
        #expect(finish.attempt?.version == Sample.otherVersion)
        #expect(finish.version == Sample.otherVersion)
        #expect(finish.outputs.isEmpty && finish.keyValues.isEmpty)
    }

    @Test func `a run that is handed back was not tried`() {
        let finish = finish(.failed(AttemptFailure(.handedBack, "stopped")), counters: WorkCounters(attempts: 3))
        #expect(finish.decision == .retry(at: Self.now))
        #expect(finish.counters == WorkCounters(attempts: 3))
        #expect(finish.attempt == nil)
    }

    @Test func `what the ledger decided stands above what the handler did`() {
        var harvest = RunHarvest()
        harvest.ending = RunEnding(
            .park(.unknownEffect), AttemptFailure(.callUnknown, "nobody knows"), connection: "crm")
        harvest.keyValues = [KeyValueWrite(key: "a", value: [0x31])]
        for result in [IsolateOutcome.Result.returned("done"), .failed(AttemptFailure(.threw, "x"))] {
            let finish = finish(result, harvest: harvest)
            #expect(finish.decision == .park(.unknownEffect))
            #expect(finish.attempt?.failure?.kind == .callUnknown)
            #expect(finish.keyValues.isEmpty)
        }
    }

    @Test func `a run that asked for what it may not have fails`() {
        var harvest = RunHarvest()
        harvest.refusal = AttemptFailure(.badOutput, "too many")
        harvest.outputs = [Sample.output()]
        let finish = finish(.returned(nil), harvest: harvest)
        #expect(finish.attempt?.failure?.kind == .badOutput)
        #expect(finish.decision == .retry(at: Self.now + .seconds(5)))
    }

    @Test func `an output that cannot be planned fails the run`() {
        var harvest = RunHarvest()
        harvest.outputs = [Sample.output()]
        let finish = conclusion().finish(Sample.outcome(.returned(nil)), harvest: harvest) {
            _ throws(AttemptFailure) in throw AttemptFailure(.badOutput, "channel is missing")
        }
        #expect(finish.attempt?.failure == AttemptFailure(.badOutput, "channel is missing"))
        #expect(finish.outputs.isEmpty)
    }

    @Test func `success commits result, log and store`() {
        var harvest = RunHarvest()
        harvest.keyValues = [KeyValueWrite(key: "a", value: [0x31])]
        harvest.log = [LogLine(level: .info, at: Self.now, message: "hi")]
        let finish = finish(.returned(["done": true]), harvest: harvest)
        #expect(finish.decision == .succeed)
        #expect(finish.counters == WorkCounters(attempts: 1))
        #expect(finish.result == Array(#"{"done":true}"#.utf8))
        #expect(finish.keyValues == harvest.keyValues)
        #expect(finish.attempt?.log == harvest.log)
        #expect(finish.attempt?.failure == nil)
        #expect(finish.reply == nil)
    }

    @Test func `a result over the limit is not kept, and the log says so`() {
        let finish = finish(.returned("0123456789"), limits: HostLimits(result: .bytes(4)))
        #expect(finish.decision == .succeed)
        #expect(finish.result == nil)
        #expect(finish.attempt?.log.last?.level == .warn)
    }

    @Test func `lines that were dropped are counted in the log`() {
        var outcome = Sample.outcome(.returned(nil))
        outcome.droppedLogLines = 3
        let finish = conclusion().finish(outcome, harvest: RunHarvest()) { _ throws(AttemptFailure) in [] }
        #expect(finish.attempt?.log.map(\.message) == ["3 more lines did not fit limits.log of recipe.yaml"])
    }

    static let otherwise = HTTPReply(status: 200, body: Array("<Response/>".utf8))

    @Test func `the vendor hears what the handler returned, and else the manifest's answer`() {
        let policy = ReplyPolicy(within: .seconds(1), otherwise: Self.otherwise)
        #expect(finish(.returned(nil), reply: policy).reply == Self.otherwise)
        #expect(finish(.returned("ok"), reply: policy).reply?.body == Array("ok".utf8))
        let reply = HTTPReply(status: 201, headers: HeaderFields([("x", "y")]), body: [1])
        #expect(finish(.replied(reply), reply: policy).reply == reply)
        #expect(finish(.failed(AttemptFailure(.threw, "no")), reply: policy).reply == nil)
        #expect(finish(.replied(reply)).reply == nil)
    }

    @Test func `a reply over the limit fails the attempt`() {
        let policy = ReplyPolicy(within: .seconds(1), otherwise: Self.otherwise)
        let finish = finish(.returned("0123456789"), reply: policy, limits: HostLimits(reply: .bytes(4)))
        #expect(finish.attempt?.failure?.kind == .badOutput)
    }

    static let answers: [(JSON, Int, String, String)] = [
        (JSON.string("hi"), 200, "text/plain; charset=utf-8", "hi"),
        (["a": 1], 200, "application/json", #"{"a":1}"#),
        ([1, 2], 200, "application/json", "[1,2]"),
        (["status": 418, "body": "tea"], 418, "text/plain; charset=utf-8", "tea"),
        (["status": 201, "body": ["a": 1]], 201, "application/json", #"{"a":1}"#),
        (["status": 200, "headers": ["Content-Type": "text/xml"], "body": "<a/>"], 200, "text/xml", "<a/>"),
        (["status": 200, "other": 1], 200, "application/json", #"{"status":200,"other":1}"#),
        (["status": 99], 200, "application/json", #"{"status":99}"#),
    ]

    @Test(arguments: answers)
    func `what a handler returns becomes an answer`(value: JSON, status: Int, type: String, body: String) {
        let reply = HandlerResult(returned: value).reply
        #expect(reply?.status == status)
        #expect(reply?.headers.first("content-type") == type)
        #expect(reply.map { String(decoding: $0.body, as: UTF8.self) } == body)
    }

    @Test func `a field that would break the message is left out`() {
        let reply = HandlerResult(
            returned: ["status": 200, "headers": ["a": "b\r\nc: d", "b c": "x", "ok": "y"]]
        ).reply
        #expect(reply?.headers.fields.map(\.name) == ["ok"])
    }

    @Test(arguments: [
        (true, Sample.version as RecipeVersion?, VersionRule.own), (false, Sample.version, .active),
        (true, nil, .gone), (false, nil, .gone),
    ])
    func `recorded effects pin the version`(hasEffects: Bool, active: RecipeVersion?, rule: VersionRule) {
        #expect(VersionRule.decide(Sample.run(hasEffects: hasEffects), active: active) == rule)
    }
}
