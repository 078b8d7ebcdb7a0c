import GrapnelCore
import GrapnelQueue
import TestSupport

/// Opens what a power cut left, as a hub that starts does, and compares it with what had been answered.
struct ImageCheck: Sendable {
    /// What was found.
    struct Finding: Sendable {
        /// Events that were there.
        var events = 0
        /// What must not be; empty when every promise was kept.
        var problems: [String] = []
    }

    let recording: Recording
    /// After how many operations the power failed.
    let cut: Int
    let image: DiskImage

    func run() async throws -> Finding {
        let folder = try TemporaryDirectory("image")
        try image.write(into: folder)
        let path = folder.file("grapnel.db")
        var finding = Finding()
        do {
            let queue = try await Workload.open(path, clock: ManualClock())
            try await check(queue, &finding)
            await queue.close()
            finding.problems += RawDatabase.damage(of: path).map { "damaged: \($0)" }
        } catch {
            finding.problems.append("cannot be read: \(error)")
        }
        return finding
    }

    private func check(_ queue: SQLiteQueue, _ finding: inout Finding) async throws {
        for item in recording.items {
            let state = try await ItemState(of: item, in: queue)
            if state.event != nil { finding.events += 1 }
            let possible = item.possible(at: cut)
            if possible.contains(where: { $0.state == state }) { continue }
            let isOlder = item.steps[..<possible.startIndex].contains { $0.state == state }
            let expected = possible.map(\.state.summary).joined(separator: " or ")
            finding.problems.append(
                "\(isOlder ? "lost" : "half done"): item \(item.number) is \(state.summary) instead of \(expected)")
        }
        try await checkCounters(queue, &finding)
    }

    /// The kept counters must say what the rows do.
    private func checkCounters(_ queue: SQLiteQueue, _ finding: inout Finding) async throws {
        let counts = try await queue.counts()
        let runs = try await queue.runs(RunQuery(limit: 1000))
        let effects = try await queue.effects(EffectQuery(limit: 1000))
        for state in WorkState.allCases {
            if counts.runs[state] ?? 0 != runs.count(where: { $0.state == state }) {
                finding.problems.append("miscounted: runs \(state)")
            }
            if counts.outputs[state] ?? 0 != effects.count(where: { $0.delivery?.state == state }) {
                finding.problems.append("miscounted: outputs \(state)")
            }
        }
        for state in EffectState.allCases
        where counts.effects[state] ?? 0 != effects.count(where: { $0.effect.state == state }) {
            finding.problems.append("miscounted: effects \(state)")
        }
    }
}
