import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

extension QueueConformance {
    private static func write(_ writes: [KeyValueWrite], _ bench: Bench) async throws -> KeyValueBatchResult {
        try await bench.queue.writeKeyValues(KeyValueBatch(tenant: .default, recipe: "lead", writes: writes))
    }

    private static func entry(_ key: String, _ bench: Bench) async throws -> KeyValueEntry? {
        try await bench.queue.keyValue(tenant: .default, recipe: "lead", key: key)
    }

    static var stores: [ConformanceCase] {
        [
            ConformanceCase("versions rise with every write of a key") { bench in
                #expect(try await write([KeyValueWrite(key: "a", value: [49])], bench) == .written(versions: [1]))
                #expect(try await write([KeyValueWrite(key: "a", value: [50])], bench) == .written(versions: [2]))
                #expect(
                    try await entry("a", bench) == KeyValueEntry(key: "a", value: [50], version: 2, expiresAt: nil))
                let result = try await write(
                    [KeyValueWrite(key: "a", value: nil), KeyValueWrite(key: "b", value: [51])], bench)
                #expect(result == .written(versions: [0, 1]))
                #expect(try await entry("a", bench) == nil)
            },
            ConformanceCase("a batch is written when every expected version matches, and not at all else") { bench in
                _ = try await write([KeyValueWrite(key: "a", value: [49])], bench)
                let conflict = try await write(
                    [
                        KeyValueWrite(key: "b", value: [49], expectedVersion: 0),
                        KeyValueWrite(key: "a", value: [50], expectedVersion: 2),
                    ], bench)
                #expect(conflict == .conflict(key: "a"))
                #expect(try await entry("b", bench) == nil)
                let chain = try await write(
                    [
                        KeyValueWrite(key: "a", value: [50], expectedVersion: 1),
                        KeyValueWrite(key: "a", value: [51], expectedVersion: 2),
                    ], bench)
                #expect(chain == .written(versions: [2, 3]))
            },
            ConformanceCase("an entry that has expired reads as absent, and its version goes on") { bench in
                let until = bench.clock.now() + .seconds(10)
                _ = try await write([KeyValueWrite(key: "a", value: [49], expiresAt: until)], bench)
                #expect(try await entry("a", bench)?.expiresAt == until)
                bench.clock.advance(by: .seconds(10))
                #expect(try await entry("a", bench) == nil)
                let list = try await bench.queue.keyValues(tenant: .default, recipe: "lead", prefix: "", limit: 10)
                #expect(list.isEmpty)
                let conflict = try await write([KeyValueWrite(key: "a", value: [50], expectedVersion: 1)], bench)
                #expect(conflict == .conflict(key: "a"))
                let again = try await write([KeyValueWrite(key: "a", value: [50], expectedVersion: 0)], bench)
                #expect(again == .written(versions: [2]))
            },
            ConformanceCase("keys are listed by prefix, in order, apart for each recipe and tenant") { bench in
                for key in ["b:2", "a:1", "b:1", "b:", "c", "b:é", "b"] {
                    _ = try await write([KeyValueWrite(key: key, value: [49])], bench)
                }
                _ = try await bench.queue.writeKeyValues(
                    KeyValueBatch(
                        tenant: TenantID("acme"), recipe: "lead", writes: [KeyValueWrite(key: "b:9", value: [49])]))
                let all = try await bench.queue.keyValues(tenant: .default, recipe: "lead", prefix: "b:", limit: 10)
                #expect(all.map(\.key) == ["b:", "b:1", "b:2", "b:é"])
                let two = try await bench.queue.keyValues(tenant: .default, recipe: "lead", prefix: "b:", limit: 2)
                #expect(two.map(\.key) == ["b:", "b:1"])
                #expect(
                    try await bench.queue.keyValues(tenant: .default, recipe: "other", prefix: "", limit: 10).isEmpty)
            },
        ]
    }
}
