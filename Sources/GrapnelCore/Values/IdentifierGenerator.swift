import Synchronization

/// Makes identifiers that rise, also within one millisecond and when the wall clock steps back.
package final class IdentifierGenerator: Sendable {
    private struct State {
        var milliseconds: Int64 = 0
        var high: UInt64 = 0
        var low: UInt64 = 0
    }

    private let clock: any HubClock
    private let random: any RandomSource
    private let state = Mutex(State())

    package init(clock: any HubClock, random: any RandomSource) {
        self.clock = clock
        self.random = random
    }

    /// A new identifier, greater than every one made before.
    package func next<Subject>(_ subject: Subject.Type = Subject.self) -> Identifier<Subject> {
        let now = clock.now().milliseconds
        return state.withLock { state in
            if now > state.milliseconds {
                state.milliseconds = now
                state.high = UInt64(now) << 16 | random.next() & 0xFFFF
                state.low = random.next() >> 1
            } else {
                // The same millisecond: step by a random amount so that the next identifier cannot be guessed.
                let (sum, overflow) = state.low.addingReportingOverflow(1 + random.next() >> 24)
                state.low = sum
                if overflow { state.high += 1 }
            }
            return Identifier(high: state.high, low: state.low)
        }
    }
}
