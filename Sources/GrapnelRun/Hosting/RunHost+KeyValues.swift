import GrapnelCore
import GrapnelQueue

extension RunHost {
    /// Does what the handler asks of its store.
    func perform(_ operation: KeyValueOperation) async -> IsolateAnswer {
        do {
            return try await answer(operation)
        } catch let failure as CallFailure {
            return .failure(failure)
        } catch {
            return .failure(
                CallFailure(
                    code: "storage", message: "kv: the queue could not answer: \(error)", isRetryable: true,
                    outcome: .definite))
        }
    }

    private func answer(_ operation: KeyValueOperation) async throws -> IsolateAnswer {
        switch operation {
        case .get(let key):
            try await read(key)
            return .text(withOverlay { RunHost.text(of: $0.entry(key)) })
        case .set(let key, let value, let ttl, let ifVersion, let now):
            let expiresAt = ttl.map { clock.now() + $0 }
            let bytes = JSONWriter.bytes(value)
            if now { return try await setNow(key, bytes, expiresAt: expiresAt, ifVersion: ifVersion) }
            try await read(key)
            return try withOverlay { overlay throws(CallFailure) in
                RunHost.version(
                    try overlay.set(key, value: bytes, expiresAt: expiresAt, ifVersion: ifVersion))
            }
        case .delete(let key, let now):
            if now { return try await deleteNow(key) }
            try await read(key)
            return try withOverlay { overlay throws(CallFailure) in .value(.bool(try overlay.delete(key))) }
        case .increment(let key, let amount, let now):
            if now { return try await incrementNow(key, by: amount) }
            try await read(key)
            return try withOverlay { overlay throws(CallFailure) in
                .value(.integer(try overlay.increment(key, by: amount)))
            }
        case .list(let prefix):
            let size = withOverlay { $0.listingSize }
            let entries = try await store.entries(prefix: prefix, limit: size)
            return .text(RunHost.text(of: withOverlay { $0.merged(prefix: prefix, stored: entries) }))
        }
    }

    private func read(_ key: String) async throws {
        if withOverlay({ $0.isKnown(key) }) { return }
        let entry = try await store.entry(key)
        withOverlay { $0.remember(key, entry) }
    }

    private func setNow(
        _ key: String, _ value: [UInt8], expiresAt: Timestamp?, ifVersion: Int64?
    ) async throws -> IsolateAnswer {
        let write = try withOverlay { overlay throws(CallFailure) in
            try overlay.immediateWrite(key, value: value, expiresAt: expiresAt, ifVersion: ifVersion)
        }
        guard case .written(let versions) = try await store.write(write) else {
            throw KeyValueOverlay.versionConflict(key)
        }
        let version = versions.first ?? 0
        withOverlay {
            $0.settle(key, KeyValueEntry(key: key, value: value, version: version, expiresAt: expiresAt))
        }
        return RunHost.version(version)
    }

    private func deleteNow(_ key: String) async throws -> IsolateAnswer {
        let wasThere = try await store.entry(key) != nil
        _ = try await store.write(KeyValueWrite(key: key, value: nil))
        withOverlay { $0.settle(key, nil) }
        return .value(.bool(wasThere))
    }

    /// Reads, adds and writes back under the version that was read, until nobody comes between.
    private func incrementNow(_ key: String, by amount: Int64) async throws -> IsolateAnswer {
        for _ in 0..<limits.keyValues.immediateTries {
            let entry = try await store.entry(key)
            let sum = try KeyValueOverlay.sum(entry, key: key, adding: amount)
            let value = Array(String(sum).utf8)
            let write = try withOverlay { overlay throws(CallFailure) in
                try overlay.immediateWrite(
                    key, value: value, expiresAt: entry?.expiresAt, ifVersion: entry?.version ?? 0)
            }
            guard case .written(let versions) = try await store.write(write) else { continue }
            withOverlay {
                $0.settle(
                    key,
                    KeyValueEntry(
                        key: key, value: value, version: versions.first ?? 0, expiresAt: entry?.expiresAt))
            }
            return .value(.integer(sum))
        }
        throw KeyValueOverlay.versionConflict(key)
    }

    private static func version(_ version: Int64) -> IsolateAnswer {
        .value(["version": .integer(version)])
    }

    /// `{"value":…,"version":n}`; the value is JSON text already and goes through as it is.
    private static func text(of entry: KeyValueEntry?) -> [UInt8] {
        guard let entry else { return Array("null".utf8) }
        return Array(#"{"value":"#.utf8) + entry.value + Array(#","version":\#(entry.version)}"#.utf8)
    }

    private static func text(of entries: [KeyValueEntry]) -> [UInt8] {
        var bytes = [UInt8(ascii: "[")]
        for (index, entry) in entries.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += Array(#"{"key":"#.utf8) + JSONWriter.bytes(.string(entry.key)) + Array(#","value":"#.utf8)
            bytes += entry.value + Array(#","version":\#(entry.version)}"#.utf8)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }
}
