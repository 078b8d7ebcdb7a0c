package import GrapnelCore

/// Runs each job where its handler belongs: a script in an isolate, of the kind with WebAssembly when it imports some, a
/// program in a process.
package struct HandlerExecutor: IsolateExecuting {
    private let isolates: any IsolateExecuting
    private let webAssembly: any IsolateExecuting
    private let processes: any IsolateExecuting

    package init(
        isolates: any IsolateExecuting, webAssembly: any IsolateExecuting, processes: any IsolateExecuting
    ) {
        self.isolates = isolates
        self.webAssembly = webAssembly
        self.processes = processes
    }

    package func execute(_ job: IsolateJob, host: any IsolateHost) async -> IsolateOutcome {
        if job.process != nil { return await processes.execute(job, host: host) }
        return await (job.usesWebAssembly ? webAssembly : isolates).execute(job, host: host)
    }

    package func retire(version: RecipeVersion) {
        isolates.retire(version: version)
        webAssembly.retire(version: version)
        processes.retire(version: version)
    }
}
