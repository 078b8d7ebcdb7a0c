package import GrapnelCore

/// A recipe's store as one run sees it: what is stored, under what the run has written and not committed yet.
///
/// Pure: whoever holds it reads a key from the queue before the first operation on it (`isKnown`, `remember`) and
/// commits `writes` with the run. A key keeps the value that was read first, so that a run sees one state of it.
package struct KeyValueOverlay: Sendable {
    private struct Pending {
        /// `nil` deletes.
        var value: [UInt8]?
        var expiresAt: Timestamp?
        /// The version that the stored key must still have at the commit; `nil` when no operation depends on it.
        var expectedVersion: Int64?
        /// What a look-up sees; 0 when deleted.
        var version: Int64
    }

    private let limits: KeyValueLimits
    private var stored: [String: KeyValueEntry] = [:]
    private var known: Set<String> = []
    private var pending: [String: Pending] = [:]
    /// The keys of `pending`, in the order of their first write.
    private var order: [String] = []

    package init(limits: KeyValueLimits = KeyValueLimits()) { self.limits = limits }

    /// Whether the stored state of `key` was read.
    package func isKnown(_ key: String) -> Bool { known.contains(key) }

    /// Takes note of what is stored; does nothing when the key is known.
    package mutating func remember(_ key: String, _ entry: KeyValueEntry?) {
        guard known.insert(key).inserted else { return }
        stored[key] = entry
    }

    /// The entry as the run sees it; `nil` when absent.
    package func entry(_ key: String) -> KeyValueEntry? {
        guard let pending = pending[key] else { return stored[key] }
        return pending.value.map {
            KeyValueEntry(key: key, value: $0, version: pending.version, expiresAt: pending.expiresAt)
        }
    }

    /// Writes a key; returns its version.
    ///
    /// - Parameters:
    ///   - value: JSON text.
    ///   - ifVersion: The version that the key must have now and, when the run commits, still; 0 when it must be absent.
    package mutating func set(
        _ key: String, value: [UInt8], expiresAt: Timestamp?, ifVersion: Int64?
    ) throws(CallFailure) -> Int64 {
        try check(key, value: value)
        try check(key, version: ifVersion)
        let version = (entry(key)?.version ?? 0) + 1
        write(
            key,
            Pending(value: value, expiresAt: expiresAt, expectedVersion: expectation(key, ifVersion), version: version))
        return version
    }

    /// Removes a key; returns whether it was there.
    package mutating func delete(_ key: String) throws(CallFailure) -> Bool {
        try check(key, value: [])
        let wasThere = entry(key) != nil
        write(key, Pending(value: nil, expiresAt: nil, expectedVersion: expectation(key, nil), version: 0))
        return wasThere
    }

    /// Adds to a number; returns the new one. The commit fails when another run has changed the key meanwhile, so that
    /// no addition is lost.
    package mutating func increment(_ key: String, by amount: Int64) throws(CallFailure) -> Int64 {
        let entry = entry(key)
        let sum = try KeyValueOverlay.sum(entry, key: key, adding: amount)
        _ = try set(
            key, value: Array(String(sum).utf8), expiresAt: entry?.expiresAt, ifVersion: entry?.version ?? 0)
        return sum
    }

    /// What a listing of `prefix` gives: stored entries, under the run's own writes, in the order of keys.
    package func merged(prefix: String, stored entries: [KeyValueEntry]) -> [KeyValueEntry] {
        var merged: [String: KeyValueEntry] = [:]
        for entry in entries where pending[entry.key] == nil { merged[entry.key] = entry }
        for key in order where key.utf8.starts(with: prefix.utf8) { merged[key] = entry(key) }
        let sorted = merged.values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return Array(sorted.prefix(limits.listed))
    }

    /// How many stored entries a listing must read so that the run's deletions leave no gap at its end.
    package var listingSize: Int { limits.listed + pending.count }

    /// The write that a `set` outside the commit of the run makes, checked.
    package func immediateWrite(
        _ key: String, value: [UInt8], expiresAt: Timestamp?, ifVersion: Int64?
    ) throws(CallFailure) -> KeyValueWrite {
        try check(key, value: value)
        return KeyValueWrite(key: key, value: value, expiresAt: expiresAt, expectedVersion: ifVersion)
    }

    /// Takes note of a write that was committed at once: it replaces what the run has written to the key before.
    package mutating func settle(_ key: String, _ entry: KeyValueEntry?) {
        known.insert(key)
        stored[key] = entry
        if pending.removeValue(forKey: key) != nil { order.removeAll { $0 == key } }
    }

    /// What to commit with the run, in the order of the first write of each key.
    package var writes: [KeyValueWrite] {
        order.compactMap { key in
            pending[key].map {
                KeyValueWrite(
                    key: key, value: $0.value, expiresAt: $0.expiresAt, expectedVersion: $0.expectedVersion)
            }
        }
    }

    /// The number in `entry` and `amount` together; an absent entry is 0.
    package static func sum(
        _ entry: KeyValueEntry?, key: String, adding amount: Int64
    ) throws(CallFailure) -> Int64 {
        var number: Int64 = 0
        if let entry {
            guard let value = (try? JSONParser.parse(entry.value))?.integer else {
                throw failure("not_a_number", "kv.increment(\"\(key)\"): the value is not a whole number")
            }
            number = value
        }
        let (sum, overflow) = number.addingReportingOverflow(amount)
        if overflow { throw failure("not_a_number", "kv.increment(\"\(key)\"): the number would leave 64 bits") }
        return sum
    }

    /// The failure of a write whose key has another version than it was told.
    package static func versionConflict(_ key: String) -> CallFailure {
        CallFailure(
            code: "version_conflict", message: "kv.set(\"\(key)\"): the key was changed meanwhile; read it again",
            isRetryable: true, outcome: .definite)
    }

    private static func failure(_ code: String, _ message: String) -> CallFailure {
        CallFailure(code: code, message: message, isRetryable: false, outcome: .definite)
    }

    private mutating func write(_ key: String, _ new: Pending) {
        if pending.updateValue(new, forKey: key) == nil { order.append(key) }
    }

    /// The version of the stored key that the commit depends on: once an operation has looked, it stays.
    private func expectation(_ key: String, _ ifVersion: Int64?) -> Int64? {
        if let earlier = pending[key]?.expectedVersion { return earlier }
        return ifVersion == nil ? nil : stored[key]?.version ?? 0
    }

    private func check(_ key: String, value: [UInt8]) throws(CallFailure) {
        guard !key.isEmpty, key.utf8.count <= limits.key.bytes else {
            throw KeyValueOverlay.failure("invalid_key", "a key of kv has 1 to \(limits.key.bytes) bytes")
        }
        guard value.count <= limits.value.bytes else {
            throw KeyValueOverlay.failure(
                "value_too_large", "kv.set(\"\(key)\"): a value has \(limits.value) at most, as JSON")
        }
        guard pending[key] != nil || pending.count < limits.writes else {
            throw KeyValueOverlay.failure("too_many_writes", "a run changes \(limits.writes) keys of kv at most")
        }
    }

    private func check(_ key: String, version: Int64?) throws(CallFailure) {
        guard let version, version != entry(key)?.version ?? 0 else { return }
        throw KeyValueOverlay.versionConflict(key)
    }
}
