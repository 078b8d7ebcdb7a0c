package import GrapnelCore
package import GrapnelFormat

/// One run for an isolate: whose it is, what code handles it, and the event.
package struct IsolateJob: Sendable {
    package var tenant: TenantID
    package var recipe: String
    /// With the tenant, the only thing an isolate is ever reused for. It must change whenever `source`, `fileName`,
    /// `style`, `environment` or `connections` change.
    package var version: RecipeVersion
    /// The bundle: a script that leaves its exports in the variable `__mod` (esbuild, `--format=iife
    /// --global-name=__mod`). `export default` is the handler.
    package var source: [UInt8]
    /// The name under which the bundle's lines stand in stack traces, such as `handler.js`.
    package var fileName: String
    /// What the bundle's exports mean.
    package var style: RecipeStyle
    /// `variables:` of the manifest, readable as `env.NAME`.
    package var environment: [String: String]
    /// `uses:` of the manifest: connection to its operations. Nothing else has a function in `call` and `send`.
    package var connections: [String: [String]]
    package var run: Identifier<Run>
    /// 1 is the first attempt.
    package var attempt: Int
    package var event: Event
    /// The events that are handled together, `event` first; empty for one event.
    package var batch: [Event] = []
    /// The run that a human replayed, `event.replayOf` in the handler.
    package var replayOf: Identifier<Run>?
    /// `isolation: fresh`: a new isolate for this run, killed after it.
    package var isFresh: Bool
    package var limits: RunLimits
    /// Whether its code is only evaluated and its handler looked for, and no event handled.
    package var onlyLoads = false
    /// Whether its code imports WebAssembly.
    package var usesWebAssembly: Bool
    /// The program that handles the event in place of `source`; `nil` for a script.
    package var process: ProcessProgram?

    package init(
        tenant: TenantID, recipe: String, version: RecipeVersion, source: [UInt8], fileName: String = "handler.js",
        style: RecipeStyle = .grapnel, environment: [String: String] = [:], connections: [String: [String]] = [:],
        run: Identifier<Run>,
        attempt: Int, event: Event, replayOf: Identifier<Run>? = nil, isFresh: Bool = false,
        usesWebAssembly: Bool = false,
        limits: RunLimits = RunLimits(), process: ProcessProgram? = nil
    ) {
        self.tenant = tenant
        self.recipe = recipe
        self.version = version
        self.source = source
        self.fileName = fileName
        self.style = style
        self.environment = environment
        self.connections = connections
        self.run = run
        self.attempt = attempt
        self.event = event
        self.replayOf = replayOf
        self.isFresh = isFresh
        self.limits = limits
        self.usesWebAssembly = usesWebAssembly
        self.process = process
    }

    /// Why it is not begun: its event is larger than the recipe takes; `nil` when it is not.
    var refusal: AttemptFailure? {
        let size = batch.isEmpty ? event.raw.count : batch.reduce(0) { $0 + $1.raw.count }
        guard size > limits.event.bytes else { return nil }
        let text = "the event has \(ByteCount(bytes: size)); limits.event of the recipe is \(limits.event)"
        return AttemptFailure(.limit, text, isRetryable: false)
    }
}
