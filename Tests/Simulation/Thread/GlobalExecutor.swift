import Glibc

/// Swift's global executor, on which everything runs that belongs to no actor with a thread of its own: taken over, so
/// that its jobs run where and when a `SimulatedThread` says.
enum GlobalExecutor {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    /// Who gets the jobs. Set by the one thread that there is, before anything else runs.
    nonisolated(unsafe) private static var taker: SimulatedThread?
    nonisolated(unsafe) private static var thread: pthread_t = pthread_self()

    /// Gives every further job to `taker`. For a process in which nothing else is concurrent.
    ///
    /// - Returns: Whether the runtime of the language lets itself be taken over.
    static func give(to taker: SimulatedThread) -> Bool {
        self.taker = taker
        thread = pthread_self()
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else { return false }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, _ in GlobalExecutor.take(job) }
        return true
    }

    private static func take(_ job: UnownedJob) {
        // A second thread would bring real time with it, and no seed would repeat what it does.
        guard pthread_equal(pthread_self(), thread) != 0, let taker else {
            fatalError("something in the simulation uses a thread or the clock of the system")
        }
        taker.enqueue(job)
    }

    /// Runs a job to its next suspension.
    static func run(_ job: UnownedJob) {
        runJob(job, unsafeBitCast((UInt(0), UInt(0)), to: UnownedSerialExecutor.self))
    }
}

@_silgen_name("swift_job_run")
private func runJob(_ job: UnownedJob, _ executor: UnownedSerialExecutor)
