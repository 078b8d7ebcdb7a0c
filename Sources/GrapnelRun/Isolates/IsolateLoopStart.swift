import Glibc

/// Starts a thread of its own for work that blocks: polling never happens on the cooperative pool.
final class IsolateLoopStart: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    /// Runs the body on a new thread.
    func start() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let error = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<IsolateLoopStart>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, context)
        if error == 0 { pthread_detach(thread) } else { Unmanaged<IsolateLoopStart>.fromOpaque(context).release() }
    }
}
