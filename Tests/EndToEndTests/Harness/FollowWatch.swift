import GrapnelCore
import Synchronization

/// What `grapnel backup --follow` tells, over any number of its processes, for those who wait for it.
final class FollowWatch: Sendable {
    struct Told {
        /// Up to when the folder is complete, as far as was told.
        var completeTo = Timestamp(milliseconds: .min)
        /// How often each kind of line came.
        var lines: [String: Int] = [:]
        /// What was written that is no JSON, and what was waited for.
        var texts: [String] = []
    }

    private struct State {
        var told = Told()
        var waiting: [(isMet: @Sendable (Told) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var told: Told { state.withLock { $0.told } }

    /// Returns when this is so.
    func wait(until isMet: @escaping @Sendable (Told) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isMetAlready = state.withLock { state in
                if isMet(state.told) { return true }
                state.waiting.append((isMet, continuation))
                return false
            }
            if isMetAlready { continuation.resume() }
        }
    }

    /// Takes a line in.
    func take(_ line: String) {
        let document = try? JSONParser.parse(Array(line.utf8))
        let met = state.withLock { state in
            if let event = document?["event"]?.string {
                state.told.lines[event, default: 0] += 1
                for key in ["error", "reason"] {
                    if let text = document?[key]?.string { state.told.texts.append(text) }
                }
            } else {
                state.told.texts.append(line)
            }
            if let time = document?["complete_to"]?.string.flatMap({ Timestamp(rfc3339: $0) }) {
                state.told.completeTo = max(state.told.completeTo, time)
            }
            let told = state.told
            let met = state.waiting.filter { $0.isMet(told) }
            state.waiting.removeAll { $0.isMet(told) }
            return met
        }
        for waiter in met { waiter.continuation.resume() }
    }
}
