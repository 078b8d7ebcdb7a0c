extension Hub {
    /// What the recipe's store holds under a key; `nil` when there is nothing.
    public func stored<Value: Decodable>(
        _ key: String, as type: Value.Type = Value.self
    ) throws -> StoredValue<Value>? {
        try ask(Question<Nothing>(type: "kv", key: key, op: "get"), for: StoredValue<Value>.self)
    }

    /// Writes a value, committed with the run unless `now`.
    ///
    /// - Parameters:
    ///   - lifetime: After which it is gone; `nil` keeps it.
    ///   - version: What the key must have; 0 means absent. Another one throws `CallError` with `version_conflict`.
    public func store(
        _ key: String, _ value: some Encodable, lifetime: Duration? = nil, ifVersion version: Int64? = nil,
        now: Bool = false
    ) throws {
        var question = Question(type: "kv", key: key, op: "set", value: value)
        question.ttl = lifetime.map(Hub.milliseconds)
        question.ifVersion = version
        question.now = now
        _ = try ask(question, for: Nothing.self)
    }

    /// Removes a key; whether it was there.
    @discardableResult
    public func remove(_ key: String, now: Bool = false) throws -> Bool {
        try ask(Question<Nothing>(type: "kv", key: key, op: "delete", now: now), for: Bool.self) ?? false
    }

    /// Adds to a number, which is 0 when absent; the new number.
    public func increment(_ key: String, by amount: Int64 = 1, now: Bool = false) throws -> Int64 {
        let question = Question<Nothing>(type: "kv", key: key, op: "increment", by: amount, now: now)
        return try ask(question, for: Int64.self) ?? 0
    }
}
