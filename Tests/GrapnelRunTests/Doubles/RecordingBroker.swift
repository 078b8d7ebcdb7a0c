import GrapnelCore
import Synchronization

/// A broker that keeps what it is asked for and answers as it is told.
final class RecordingBroker: EffectBroker {
    struct Record: Sendable {
        var calls: [CallRequest] = []
        var fetches: [FetchRequest] = []
        var delivered: [LeasedOutput] = []
        var released: [OutputIntent] = []
    }

    private let fingerprints = Mutex<[String: [UInt8]]>([:])
    private let answer: @Sendable (CallRequest) async -> CallAnswer
    private let startsNow: Bool
    private let state = Mutex(Record())

    init(
        startsNow: Bool = true,
        answer: @escaping @Sendable (CallRequest) async -> CallAnswer = { _ in .output(["ok": true]) }
    ) {
        self.startsNow = startsNow
        self.answer = answer
    }

    var record: Record { state.withLock { $0 } }

    var credentials: [String: [UInt8]] { fingerprints.withLock { $0 } }

    /// Takes on other credentials.
    func replace(credentials: [String: [UInt8]]) { fingerprints.withLock { $0 = credentials } }

    func call(_ request: CallRequest) async -> CallAnswer {
        state.withLock { $0.calls.append(request) }
        return await answer(request)
    }

    func fetch(_ request: FetchRequest) async -> Result<HTTPReply, CallFailure> {
        state.withLock { $0.fetches.append(request) }
        return .success(HTTPReply(status: 200))
    }

    func plan(_ outputs: [OutputRequest], of run: LeasedRun) throws(AttemptFailure) -> [OutputIntent] {
        var intents: [OutputIntent] = []
        for output in outputs {
            guard output.operation != "unknown" else { throw AttemptFailure(.badOutput, "no such operation") }
            let input = JSONWriter.bytes(output.input)
            intents.append(
                OutputIntent(
                    step: output.step, connection: output.connection, operation: output.operation,
                    effectClass: .atLeastOnce, input: input, fingerprint: input,
                    idempotencyKey: "\(run.run.origin)/\(output.step)", keyWindow: nil, delay: output.delay,
                    startNow: startsNow && output.delay == .zero))
        }
        return intents
    }

    func deliver(_ outputs: [LeasedOutput]) { state.withLock { $0.delivered += outputs } }

    func release(_ outputs: [OutputIntent]) { state.withLock { $0.released += outputs } }
}
