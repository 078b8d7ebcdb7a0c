extension HubConfiguration {
    /// The keys that have another value than in `other`, and are taken on at the start only.
    package func keysForTheNextStart(from other: HubConfiguration) -> [String] {
        [
            ("listen", listen != other.listen), ("admin", admin != other.admin),
            ("egress.allow_private", allowPrivate != other.allowPrivate),
            ("limits.isolates", isolates != other.isolates),
            ("limits.memory", isolateMemory != other.isolateMemory), ("limits.jit", allowsJIT != other.allowsJIT),
            ("limits.depth", depth != other.depth), ("limits.log", logSize != other.logSize),
            ("limits.run", recipeCaps != other.recipeCaps),
            ("database", database != other.database),
            ("database_checkpoints", externalCheckpoints != other.externalCheckpoints),
        ].filter(\.1).map(\.0)
    }
}
