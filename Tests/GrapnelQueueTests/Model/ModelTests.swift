import Glibc
import GrapnelCore
import TestSupport
import Testing

/// Random commands against an engine and against the model.
@Suite struct ModelTests {
    /// `GRAPNEL_TEST_SEQUENCES` asks for more.
    private static let sequences = getenv("GRAPNEL_TEST_SEQUENCES").flatMap { Int(String(cString: $0)) } ?? 500
    private static let commands = 120
    /// Sequences that go on side by side: each waits for its disk most of the time.
    private static let lanes = 8

    @Test(.timeLimit(.minutes(60)), arguments: 0..<lanes)
    func `SQLite does what the model does`(lane: Int) async throws {
        for seed in stride(from: UInt64(lane), to: UInt64(ModelTests.sequences), by: ModelTests.lanes) {
            var sequence = try await ModelSequence(try SQLiteStore(), seed: seed)
            do {
                try await sequence.run(commands: ModelTests.commands)
            } catch {
                Issue.record("sequence \(seed): \(error)\n\(sequence.trace.suffix(40).joined(separator: "\n"))")
                return
            }
        }
    }
}
