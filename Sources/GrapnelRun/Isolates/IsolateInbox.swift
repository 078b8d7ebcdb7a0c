import CSandbox
import Glibc
import Synchronization

/// Commands for the isolates' thread, and the descriptor that wakes it.
final class IsolateInbox: Sendable {
    private struct State {
        var commands: [IsolateCommand] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    /// Readable while commands wait.
    let descriptor: Int32

    init() {
        descriptor = grapnel_wakeup()
    }

    /// Adds a command; `false` when the thread has ended.
    func post(_ command: IsolateCommand) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        // The thread that is to take the first one takes those behind it too.
        var one: UInt64 = 1
        if isFirst { _ = write(descriptor, &one, 8) }
        return isTaken
    }

    /// Every command that waits.
    func take() -> [IsolateCommand] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
        return state.withLock { state in
            let commands = state.commands
            state.commands = []
            return commands
        }
    }

    /// Takes no more commands; those that wait are returned.
    func close() -> [IsolateCommand] {
        state.withLock { state in
            state.isClosed = true
            let commands = state.commands
            state.commands = []
            return commands
        }
    }

    deinit {
        Glibc.close(descriptor)
    }
}
