import Glibc

/// The thread with which JavaScriptCore's allocator gives memory back to the system.
///
/// It ends when it finds nothing to do for ten seconds and is started again by the next free. A forked child may start
/// no thread, so one that was forked while the thread rested would be killed for trying. Stopped for good before the
/// first fork, it also holds no lock while the zygote forks.
enum Scavenger {
    /// Stops the thread and keeps it from coming back. Does nothing with an allocator that has none.
    static func stop() {
        typealias Suspend = @convention(c) () -> Void
        if let symbol = dlsym(nil, "pas_scavenger_suspend") { unsafeBitCast(symbol, to: Suspend.self)() }
        if let symbol = dlsym(nil, "pas_scavenger_is_enabled") {
            symbol.assumingMemoryBound(to: Bool.self).pointee = false
        }
    }
}
