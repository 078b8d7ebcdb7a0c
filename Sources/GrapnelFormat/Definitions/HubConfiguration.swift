package import GrapnelCore

/// `grapnel.yaml`: how everything of a hub is wired.
package struct HubConfiguration: Sendable {
    /// Where webhooks come in. Default `127.0.0.1:8080`.
    package var listen: ListenAddress
    /// Where the management API listens beside its Unix socket. Default `127.0.0.1:8081`.
    package var admin: ListenAddress
    /// What vendors post to, without a trailing slash; `nil` when the Host header is all there is.
    package var publicURL: String?
    /// Only from these are Forwarded and X-Forwarded-* believed. Default none.
    package var trustedProxies: [NetworkRange]
    /// In the order of the file.
    package var sources: [SourceConfiguration]
    /// In the order of the file.
    package var connections: [ConnectionConfiguration]
    /// What is done for notices of the hub. Default none.
    package var alerts: [AlertRule]
    /// Hosts (`localhost:3000`, `app.internal`) or CIDR ranges that may be private. Default none.
    package var allowPrivate: [String]
    /// The most isolates at a time. Default 256.
    package var isolates: Int
    /// The memory of all isolates together. Default 2 GiB.
    package var isolateMemory: ByteCount
    /// Whether isolates compile while they run. Default true; without it no page of theirs can become code.
    package var allowsJIT: Bool
    /// How many events may lead to one another, each emitted by a run of the one before. Default 8.
    package var depth: Int
    /// How large the database's log becomes before it is moved into the database. Default 16 MiB.
    package var logSize: ByteCount
    /// The most that a recipe's `limits` may ask for: `limits.run`.
    package var recipeCaps: RecipeLimits
    /// How long events are kept. Default 30 d.
    package var retainEvents: Duration
    /// How much may be kept. Default 10 GiB.
    package var retainBytes: ByteCount
    /// How long dead letters are kept from their death on. Default 30 d.
    package var retainDeadLetters: Duration
    /// Whether executables may be handlers. Default false.
    package var processHandlers: Bool
    /// `nil`: `<state>/grapnel.db`.
    package var database: String?
    /// Whether another program, such as Litestream, moves the log into the database. Default false: the hub does.
    package var externalCheckpoints: Bool

    package init(
        listen: ListenAddress = ListenAddress(host: "127.0.0.1", port: 8080),
        admin: ListenAddress = ListenAddress(host: "127.0.0.1", port: 8081), publicURL: String? = nil,
        trustedProxies: [NetworkRange] = [], sources: [SourceConfiguration] = [],
        connections: [ConnectionConfiguration] = [], alerts: [AlertRule] = [], allowPrivate: [String] = [],
        isolates: Int = 256,
        isolateMemory: ByteCount = .gibibytes(2), allowsJIT: Bool = true,
        depth: Int = 8, logSize: ByteCount = .mebibytes(16),
        recipeCaps: RecipeLimits = .greatest,
        retainEvents: Duration = .seconds(30 * 86_400),
        retainBytes: ByteCount = .gibibytes(10), retainDeadLetters: Duration = .seconds(30 * 86_400),
        processHandlers: Bool = false, database: String? = nil, externalCheckpoints: Bool = false
    ) {
        self.listen = listen
        self.admin = admin
        self.publicURL = publicURL
        self.trustedProxies = trustedProxies
        self.sources = sources
        self.connections = connections
        self.alerts = alerts
        self.allowPrivate = allowPrivate
        self.isolates = isolates
        self.isolateMemory = isolateMemory
        self.allowsJIT = allowsJIT
        self.depth = depth
        self.logSize = logSize
        self.recipeCaps = recipeCaps
        self.retainEvents = retainEvents
        self.retainBytes = retainBytes
        self.retainDeadLetters = retainDeadLetters
        self.processHandlers = processHandlers
        self.database = database
        self.externalCheckpoints = externalCheckpoints
    }
}
