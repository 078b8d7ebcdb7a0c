import GrapnelCore
import GrapnelFormat
import Synchronization

/// A broker without a network: a call gets what the test says, else what the operation's sample answers.
final class CannedBroker: EffectBroker {
    private let calls: [String: JSON]
    private let operation: @Sendable (_ connection: String, _ operation: String) -> OperationDefinition?
    private let state = Mutex<[TestEffect]>([])

    init(
        calls: [String: JSON],
        operation: @escaping @Sendable (_ connection: String, _ operation: String) -> OperationDefinition?
    ) {
        self.calls = calls
        self.operation = operation
    }

    /// A test has none.
    var credentials: [String: [UInt8]] { [:] }

    /// What was asked for, in order.
    var effects: [TestEffect] { state.withLock { $0 } }

    /// Takes note of the outputs that the run leaves behind.
    func commit(_ outputs: [OutputIntent]) {
        for output in outputs {
            let effect = TestEffect(
                kind: .output, operation: "\(output.connection).\(output.operation)",
                input: (try? JSONParser.parse(output.input)) ?? .null, isSafe: false)
            state.withLock { $0.append(effect) }
        }
    }

    func call(_ request: CallRequest) async -> CallAnswer {
        let name = "\(request.connection).\(request.operation)"
        guard let definition = operation(request.connection, request.operation) else {
            return .failure(CannedBroker.failure("unknown_operation", "there is no operation \(name)"))
        }
        let violations = definition.input.violations(of: request.input)
        guard violations.isEmpty else {
            return .failure(CannedBroker.failure("invalid_input", CannedBroker.text(name, violations)))
        }
        state.withLock {
            $0.append(
                TestEffect(
                    kind: .call, operation: name, input: request.input, isSafe: definition.effect == .safe))
        }
        guard let canned = calls[name] else { return CannedBroker.sample(definition) }
        if let error = canned["error"] { return .failure(CannedBroker.failure(error)) }
        return .output(canned["output"] ?? .null)
    }

    func fetch(_ request: FetchRequest) async -> Result<HTTPReply, CallFailure> {
        .failure(CannedBroker.failure("no_network", "fetch(\"\(request.url)\"): a test has no network"))
    }

    func plan(_ outputs: [OutputRequest], of run: LeasedRun) throws(AttemptFailure) -> [OutputIntent] {
        var intents: [OutputIntent] = []
        for output in outputs {
            let name = "\(output.connection).\(output.operation)"
            guard let definition = operation(output.connection, output.operation) else {
                throw AttemptFailure(.badOutput, "send.\(name): there is no such operation")
            }
            let violations = definition.input.violations(of: output.input)
            guard violations.isEmpty else {
                throw AttemptFailure(.badOutput, "send.\(CannedBroker.text(name, violations))")
            }
            let input = JSONWriter.bytes(output.input)
            intents.append(
                OutputIntent(
                    step: output.step, connection: output.connection, operation: output.operation,
                    effectClass: definition.effect, input: input, fingerprint: input, idempotencyKey: output.step,
                    keyWindow: nil, delay: output.delay, startNow: false))
        }
        return intents
    }

    func deliver(_ outputs: [LeasedOutput]) {}

    func release(_ outputs: [OutputIntent]) {}

    /// What an operation's sample means by its own rules.
    private static func sample(_ definition: OperationDefinition) -> CallAnswer {
        do throws(ExpressionError) {
            return .output(try definition.sampleOutput())
        } catch {
            return .failure(failure("invalid_sample", "the sample of \(definition.name): \(error)"))
        }
    }

    /// `{ status, code, message, retryable, outcome }` of a test.
    private static func failure(_ error: JSON) -> CallFailure {
        let status = error["status"]?.integer.map { Int($0) }
        let code = error["code"]?.string ?? status.map { "http_\($0)" } ?? "failed"
        return CallFailure(
            code: code, message: error["message"]?.string ?? "the test lets it fail with \(code)", status: status,
            isRetryable: error["retryable"]?.bool ?? (status == 429 || status == 503),
            outcome: error["outcome"]?.string.flatMap { CallFailure.Outcome(rawValue: $0) } ?? .definite)
    }

    private static func failure(_ code: String, _ message: String) -> CallFailure {
        CallFailure(code: code, message: message, isRetryable: false, outcome: .definite)
    }

    private static func text(_ name: String, _ violations: [SchemaViolation]) -> String {
        "\(name): \(violations.map(\.description).joined(separator: "; "))"
    }
}
