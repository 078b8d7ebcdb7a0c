import GrapnelCore
import Synchronization
import TestSupport

/// Randomness that does something beside: the dispatcher asks for some when it has decided how an attempt ends, and has
/// not committed that yet.
final class InterposedRandomSource: RandomSource {
    private let source = SeededRandomSource(seed: 7)
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    /// Does `action` at the next number.
    func interpose(_ action: @escaping @Sendable () -> Void) { self.action.withLock { $0 = action } }

    func next() -> UInt64 {
        let action = action.withLock { action in
            defer { action = nil }
            return action
        }
        action?()
        return source.next()
    }
}
