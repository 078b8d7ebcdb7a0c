import GrapnelCore
import GrapnelQueue
import GrapnelRun
import Testing

@Suite struct KeyValueOverlayTests {
    private func overlay(_ stored: [String: (String, Int64)] = [:], limits: KeyValueLimits = KeyValueLimits())
        -> KeyValueOverlay
    {
        var overlay = KeyValueOverlay(limits: limits)
        for key in ["a", "b", "c"] {
            overlay.remember(key, stored[key].map { Self.entry(key, $0.0, $0.1) })
        }
        return overlay
    }

    private static func entry(_ key: String, _ value: String, _ version: Int64) -> KeyValueEntry {
        KeyValueEntry(key: key, value: Array(value.utf8), version: version, expiresAt: nil)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `a run sees what it wrote`() throws {
        var overlay = overlay(["a": ("1", 4)])
        #expect(overlay.entry("a") == Self.entry("a", "1", 4))
        #expect(try overlay.set("a", value: bytes("2"), expiresAt: nil, ifVersion: nil) == 5)
        #expect(overlay.entry("a") == Self.entry("a", "2", 5))
        #expect(try overlay.delete("a"))
        #expect(overlay.entry("a") == nil)
        #expect(try !overlay.delete("a"))
        #expect(try overlay.set("a", value: bytes("3"), expiresAt: nil, ifVersion: 0) == 1)
    }

    @Test func `what was read first stays`() {
        var overlay = overlay(["a": ("1", 4)])
        overlay.remember("a", Self.entry("a", "9", 9))
        #expect(overlay.entry("a")?.version == 4)
        #expect(overlay.isKnown("a"))
        #expect(!overlay.isKnown("z"))
    }

    @Test func `a write without a version is committed without looking`() throws {
        var overlay = overlay(["a": ("1", 4)])
        _ = try overlay.set("a", value: bytes("2"), expiresAt: Timestamp(milliseconds: 5), ifVersion: nil)
        #expect(
            overlay.writes == [
                KeyValueWrite(key: "a", value: bytes("2"), expiresAt: Timestamp(milliseconds: 5), expectedVersion: nil)
            ])
    }

    @Test func `a write with a version holds the commit to what was read`() throws {
        var overlay = overlay(["a": ("1", 4)])
        let version = try overlay.set("a", value: bytes("2"), expiresAt: nil, ifVersion: 4)
        _ = try overlay.set("a", value: bytes("3"), expiresAt: nil, ifVersion: version)
        _ = try overlay.set("b", value: bytes("1"), expiresAt: nil, ifVersion: 0)
        #expect(
            overlay.writes == [
                KeyValueWrite(key: "a", value: bytes("3"), expectedVersion: 4),
                KeyValueWrite(key: "b", value: bytes("1"), expectedVersion: 0),
            ])
        let failure = #expect(throws: CallFailure.self) {
            try overlay.set("a", value: [], expiresAt: nil, ifVersion: 4)
        }
        #expect(failure?.code == "version_conflict")
        #expect(failure?.isRetryable == true)
    }

    @Test func `additions are held to what was read, so that none is lost`() throws {
        var overlay = overlay(["a": ("41", 4), "b": ("\"x\"", 1)])
        #expect(try overlay.increment("a", by: 1) == 42)
        #expect(try overlay.increment("a", by: -2) == 40)
        #expect(try overlay.increment("c", by: 5) == 5)
        #expect(
            overlay.writes == [
                KeyValueWrite(key: "a", value: bytes("40"), expectedVersion: 4),
                KeyValueWrite(key: "c", value: bytes("5"), expectedVersion: 0),
            ])
        #expect(throws: CallFailure.self) { try overlay.increment("b", by: 1) }
        #expect(throws: CallFailure.self) { try overlay.increment("a", by: .max) }
    }

    @Test func `a listing shows the run's own writes in the order of keys`() throws {
        var overlay = overlay(["a": ("1", 1)])
        _ = try overlay.set("user:9", value: bytes("9"), expiresAt: nil, ifVersion: nil)
        _ = try overlay.set("other", value: bytes("0"), expiresAt: nil, ifVersion: nil)
        _ = try overlay.delete("user:2")
        let stored = [Self.entry("user:1", "1", 1), Self.entry("user:2", "2", 1), Self.entry("user:9", "8", 1)]
        let merged = overlay.merged(prefix: "user:", stored: stored)
        #expect(merged.map(\.key) == ["user:1", "user:9"])
        #expect(merged.last?.value == bytes("9"))
    }

    @Test func `a write that was committed at once replaces what waited`() throws {
        var overlay = overlay(["a": ("1", 1)])
        _ = try overlay.set("a", value: bytes("2"), expiresAt: nil, ifVersion: nil)
        overlay.settle("a", Self.entry("a", "3", 7))
        #expect(overlay.writes.isEmpty)
        #expect(overlay.entry("a")?.version == 7)
    }

    @Test func `keys, values and writes have limits`() throws {
        let limits = KeyValueLimits(key: .bytes(4), value: .bytes(8), writes: 2)
        var overlay = overlay(limits: limits)
        for (key, value) in [("", "1"), ("longer", "1"), ("a", "123456789")] {
            #expect(throws: CallFailure.self) {
                try overlay.set(key, value: bytes(value), expiresAt: nil, ifVersion: nil)
            }
        }
        _ = try overlay.set("a", value: bytes("1"), expiresAt: nil, ifVersion: nil)
        _ = try overlay.set("b", value: bytes("1"), expiresAt: nil, ifVersion: nil)
        _ = try overlay.set("a", value: bytes("2"), expiresAt: nil, ifVersion: nil)
        let failure = #expect(throws: CallFailure.self) {
            try overlay.set("c", value: bytes("1"), expiresAt: nil, ifVersion: nil)
        }
        #expect(failure?.code == "too_many_writes")
    }
}
