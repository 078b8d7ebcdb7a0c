import GrapnelCore
import Synchronization

/// The calls that this node is making. A step is under way at most once: when a run is killed and tried again while its
/// call still goes on, the new attempt waits for the old call's record and reads it.
final class CallsUnderWay: Sendable {
    struct Key: Hashable, Sendable {
        let origin: Identifier<Run>
        let step: String
    }

    private struct State {
        var tasks: [Key: (id: Int, task: Task<CallAnswer, Never>)] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())

    /// Makes a call after an earlier one of the same step has ended.
    ///
    /// The task is unstructured, so that the call goes on and is recorded when the run that awaits it is killed.
    func perform(_ key: Key, _ body: @escaping @Sendable () async -> CallAnswer) async -> CallAnswer {
        let task = state.withLock { state in
            state.nextID += 1
            let id = state.nextID
            let earlier = state.tasks[key]?.task
            let task = Task {
                _ = await earlier?.value
                let answer = await body()
                self.end(key, id)
                return answer
            }
            state.tasks[key] = (id, task)
            return task
        }
        return await task.value
    }

    private func end(_ key: Key, _ id: Int) {
        state.withLock { state in
            if state.tasks[key]?.id == id { state.tasks[key] = nil }
        }
    }

    /// Waits until every call has ended.
    func waitUntilIdle() async {
        while let task = state.withLock({ $0.tasks.values.first?.task }) { _ = await task.value }
    }
}
