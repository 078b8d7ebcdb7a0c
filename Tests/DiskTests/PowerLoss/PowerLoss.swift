import GrapnelCore
import TestSupport

/// Cuts the power of a recorded day at many moments, and counts what is found.
struct PowerLoss: Sendable {
    private(set) var images = 0
    private(set) var cuts: Set<Int> = []
    /// Changes that were not synced and came through whole, in part, and not at all.
    private(set) var (applied, torn, dropped) = (0, 0, 0)
    /// Events that were found, over all images.
    private(set) var events = 0
    /// What must not be, with what makes it happen again.
    private(set) var problems: [String] = []

    /// Images that are opened at the same time.
    private static let width = 4

    /// Makes so many images of a recording and checks each.
    mutating func examine(_ recording: Recording, images count: Int) async throws {
        let random = SeededRandomSource(seed: recording.seed &* 31)
        let moments = (0..<count).map { _ in DiskHistory.below(recording.operations.count + 1, random) }.sorted()
        var history = DiskHistory()
        var made = 0
        try await withThrowingTaskGroup(of: (Int, ImageCheck.Finding).self) { group in
            for (number, cut) in moments.enumerated() {
                while made < cut {
                    history.make(recording.operations[made])
                    made += 1
                }
                let image = history.image(random)
                images += 1
                cuts.insert(cut)
                applied += image.applied
                torn += image.torn
                dropped += image.dropped
                if number >= PowerLoss.width, let (cut, finding) = try await group.next() {
                    add(finding, cut, recording)
                }
                group.addTask { (cut, try await ImageCheck(recording: recording, cut: cut, image: image).run()) }
            }
            for try await (cut, finding) in group { add(finding, cut, recording) }
        }
    }

    private mutating func add(_ finding: ImageCheck.Finding, _ cut: Int, _ recording: Recording) {
        events += finding.events
        let place = "seed \(recording.seed), cut after \(cut) of \(recording.operations.count) operations"
        problems += finding.problems.map { "\(place): \($0)" }
    }

    /// How many problems are of this kind.
    func count(_ kind: String) -> Int { problems.count { $0.contains(": \(kind): ") } }

    var figures: String {
        "\(images) images at \(cuts.count) different moments; of the changes that were not synced \(applied) came "
            + "through, \(torn) in part, \(dropped) not; \(events) events recovered, \(problems.count) problems"
    }
}
