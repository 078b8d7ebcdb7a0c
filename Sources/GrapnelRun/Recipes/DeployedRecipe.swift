package import GrapnelCore
package import GrapnelFormat

/// A version of a recipe, ready to run.
package struct DeployedRecipe: Sendable {
    /// The name of the bundle in stack traces, before its frames are told in the user's own files.
    static let bundleName = "bundle.js"

    package let manifest: RecipeManifest
    package let version: RecipeVersion
    /// A script that leaves its exports in the variable `__mod`.
    package let script: [UInt8]
    /// The source map of the script, as JSON text; empty when there is none.
    package let sourceMap: [UInt8]
    /// The program that handles events in place of the script; `nil` for a script.
    package let program: ProcessProgram?

    package init(
        manifest: RecipeManifest, version: RecipeVersion, script: [UInt8], sourceMap: [UInt8],
        program: ProcessProgram? = nil
    ) {
        self.manifest = manifest
        self.version = version
        self.script = script
        self.sourceMap = sourceMap
        self.program = program
    }

    package var name: String { manifest.name }

    /// Whether it is a folder of `recipes/`, and not what `alerts:` or `on_failure:` act as.
    package var isOfUser: Bool { ForwardOccasion(recipe: name) == .event }

    /// When its failed runs are tried again.
    package var retryPolicy: RetryPolicy { RetryPolicy(maxAttempts: manifest.attempts) }

    /// What one of its runs may use.
    package var limits: RunLimits {
        RunLimits(
            cpu: manifest.limits.cpu, wall: manifest.limits.wall, memory: manifest.limits.memory,
            event: manifest.limits.event, output: manifest.limits.output, log: manifest.limits.log,
            lines: manifest.limits.lines, calls: manifest.limits.calls, concurrency: manifest.limits.concurrency,
            messages: manifest.limits.messages, outputs: manifest.limits.outputs)
    }

    /// The run as its isolate is given it.
    package func job(for leased: LeasedRun) -> IsolateJob {
        var job = job(leased.run.id, attempt: leased.run.counters.attempts + 1, event: leased.event)
        job.replayOf = leased.run.replayOf
        job.batch = leased.batch
        job.isFresh = manifest.isolation == .fresh
        job.tenant = leased.run.tenant
        job.process = program
        return job
    }

    /// Its code, to be evaluated without an event; `nil` for a program, and when it has none.
    package func trial(at now: Timestamp) -> IsolateJob? {
        guard program == nil, manifest.forwards.isEmpty else { return nil }
        let event = Event(
            id: Identifier(high: 0, low: 1), tenant: .default, source: "check", type: "trial", deliveryID: nil,
            receivedAt: now, headers: HeaderFields(), query: "", raw: [], bodyKind: .absent)
        var job = job(Identifier(high: 0, low: 2), attempt: 1, event: event)
        job.isFresh = true
        job.onlyLoads = true
        return job
    }

    private func job(_ run: Identifier<Run>, attempt: Int, event: Event) -> IsolateJob {
        IsolateJob(
            tenant: .default, recipe: name, version: version, source: script, fileName: DeployedRecipe.bundleName,
            style: manifest.style, environment: manifest.variables, connections: manifest.uses, run: run,
            attempt: attempt, event: event, usesWebAssembly: RecipeBundle.usesWebAssembly(script), limits: limits)
    }

    /// The failure with its stack told in the user's own files and lines.
    package func explained(_ failure: AttemptFailure) -> AttemptFailure {
        guard program == nil, !script.isEmpty, let stack = failure.stack else { return failure }
        var explained = failure
        explained.stack = StackTrace.mapped(
            stack, fileName: DeployedRecipe.bundleName, map: SourceMap(json: sourceMap))
        return explained
    }
}
