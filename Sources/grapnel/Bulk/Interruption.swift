import Glibc
import Synchronization

/// Ctrl-C while something is done step by step: the step under way is finished first. A second one ends the program at
/// once.
enum Interruption {
    private static let isAsked = Atomic(false)

    /// Whether the person at the terminal wants it to stop.
    static var isRequested: Bool { isAsked.load(ordering: .relaxed) }

    /// Listens from now on.
    static func listen() {
        isAsked.store(false, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in Interruption.isAsked.store(true, ordering: .relaxed) }
        action.sa_flags = SA_RESTART | Int32(bitPattern: UInt32(SA_RESETHAND))
        for signal in [SIGINT, SIGTERM] { sigaction(signal, &action, nil) }
    }
}
