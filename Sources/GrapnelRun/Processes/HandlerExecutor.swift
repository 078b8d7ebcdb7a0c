package import GrapnelCore

/// Runs each job where its handler belongs: a script in an isolate, a program in a process.
package struct HandlerExecutor: IsolateExecuting {
    private let isolates: any IsolateExecuting
    private let processes: any IsolateExecuting

    package init(isolates: any IsolateExecuting, processes: any IsolateExecuting) {
        self.isolates = isolates
        self.processes = processes
    }

    package func execute(_ job: IsolateJob, host: any IsolateHost) async -> IsolateOutcome {
        await job.process == nil ? isolates.execute(job, host: host) : processes.execute(job, host: host)
    }

    package func retire(version: RecipeVersion) {
        isolates.retire(version: version)
        processes.retire(version: version)
    }
}
