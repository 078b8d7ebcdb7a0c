import FoundationEssentials
import Glibc
import GrapnelCore
import GrapnelQueue
import TestSupport
import Testing

/// Files that were damaged while the hub was down: the start finds it and names the repair, or what is read is right,
/// but for what this table shows.
@Suite struct DamageTests {
    /// `GRAPNEL_TEST_DAMAGES` asks for more of each.
    private static let cases = getenv("GRAPNEL_TEST_DAMAGES").flatMap { Int(String(cString: $0)) } ?? 12
    private static let suffixes = ["", "-wal", "-shm"]

    /// What a hub leaves behind, and what it had stored, in the order of the commits.
    private struct Remains: Sendable {
        /// After it was killed.
        var files: [String: [UInt8]] = [:]
        /// The database after it was stopped.
        var closed: [UInt8] = []
        var items: [Item] = []
    }

    private func remains() async throws -> Remains {
        let trial = try Trial(limits: QueueLimits(logSize: .kibibytes(256)))
        defer { trial.disk?.detach() }
        let queue = try await trial.open()
        for number in 0..<60 { try await trial.offer(queue, bytes: number % 6 == 0 ? 9000 : 200 + number * 10) }
        var remains = Remains()
        for (item, _) in trial.items {
            var item = item
            item.steps = [.init(state: try await ItemState(of: item, in: queue), asked: 0, answered: 0)]
            remains.items.append(item)
        }
        for suffix in DamageTests.suffixes {
            remains.files["grapnel.db\(suffix)"] = Array(try Data(contentsOf: URL(filePath: trial.path + suffix)))
        }
        await queue.close()
        remains.closed = Array(try Data(contentsOf: URL(filePath: trial.path)))
        return remains
    }

    private func outcome(_ files: [String: [UInt8]], _ items: [Item]) async throws -> DamageOutcome {
        let folder = try TemporaryDirectory("damaged")
        try DiskImage(files: files).write(into: folder)
        let queue: SQLiteQueue
        do {
            queue = try await Workload.open(folder.file("grapnel.db"), clock: ManualClock())
        } catch let error as QueueError {
            #expect(error.message.contains("restore the latest backup"), "\(error)")
            return .refused
        }
        let outcome: DamageOutcome
        do {
            outcome = try await compare(queue, items)
        } catch let error as QueueError {
            #expect(error.message.contains("restore the latest backup"), "\(error)")
            outcome = .unreadable
        }
        // Whatever a write meets, it is an answer and not a trap.
        let trial = Trial(folder: folder.path)
        try await trial.offer(queue)
        await queue.close()
        return outcome
    }

    private func compare(_ queue: SQLiteQueue, _ items: [Item]) async throws -> DamageOutcome {
        var missing = 0
        for item in items {
            let state = try await ItemState(of: item, in: queue)
            if state == .absent {
                missing += 1
            } else if missing > 0 || state != item.steps[0].state {
                return .changed
            }
        }
        return missing == 0 ? .harmless : .shortened
    }

    @Test func `damage is found at the start, or does no harm, but for what the table shows`() async throws {
        let remains = try await remains()
        #expect(remains.closed.count > 200_000)
        #expect((remains.files["grapnel.db-wal"]?.count ?? 0) > 100_000)
        #expect(try await outcome(remains.files, remains.items) == .harmless)
        let random = SeededRandomSource(seed: 20_261_121)
        var table: [String] = []
        for suffix in DamageTests.suffixes {
            for damage in Damage.allCases {
                var counts: [DamageOutcome: Int] = [:]
                for _ in 0..<DamageTests.cases {
                    var files = remains.files
                    // A log would hide damage of the database under it.
                    if suffix.isEmpty { files = ["grapnel.db": remains.closed] }
                    damage.apply(to: &files["grapnel.db\(suffix)", default: []], random)
                    counts[try await outcome(files, remains.items), default: 0] += 1
                }
                let found = Set(counts.keys)
                switch (suffix, damage) {
                // It is not read, but made anew from the log.
                case ("-shm", _): #expect(found == [.harmless])
                // The checksums of the log end it at the first damaged commit.
                case ("-wal", _): #expect(!found.contains(.changed))
                case (_, .truncated): #expect(found.isSubset(of: [.refused, .harmless]))
                case (_, .zeroedPage): #expect(found.contains(.refused) && !found.contains(.shortened))
                // Whether one of a few bits is a bit that the start looks at is chance.
                case (_, .flippedBit): #expect(!found.contains(.shortened))
                }
                table.append(
                    "table: grapnel.db\(suffix), \(damage.rawValue): "
                        + DamageOutcome.allCases.compactMap { kind in counts[kind].map { "\(kind.rawValue) \($0)" } }
                        .joined(separator: ", "))
            }
        }
        print(table.joined(separator: "\n"))
    }
}
