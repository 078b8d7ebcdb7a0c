import GrapnelCore
import GrapnelRun
import Synchronization

/// Remembers what an isolate asks of the hub, and answers as the test says.
final class RecordingHost: IsolateHost {
    private struct State {
        var operations: [IsolateOperation] = []
        var outputs: [IsolateOutput] = []
        var log: [LogLine] = []
    }

    private let state = Mutex(State())
    private let answer: @Sendable (IsolateOperation) async -> IsolateAnswer

    init(answer: @escaping @Sendable (IsolateOperation) async -> IsolateAnswer = { _ in .text(nil) }) {
        self.answer = answer
    }

    var operations: [IsolateOperation] { state.withLock { $0.operations } }
    var outputs: [IsolateOutput] { state.withLock { $0.outputs } }
    var log: [LogLine] { state.withLock { $0.log } }

    func perform(_ operation: IsolateOperation, remaining: Duration) async -> IsolateAnswer {
        state.withLock { $0.operations.append(operation) }
        return await answer(operation)
    }

    func send(_ output: IsolateOutput) { state.withLock { $0.outputs.append(output) } }

    func log(_ line: LogLine) { state.withLock { $0.log.append(line) } }
}
