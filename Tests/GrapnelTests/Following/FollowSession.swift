import FoundationEssentials
import GrapnelCore
import TestSupport
import grapnel

/// One that follows a hub in this process, and everything that it tells.
final class FollowSession {
    /// What it told, oldest first.
    private final class Told {
        var lines: [JSON] = []
        /// Called with each line, before whatever comes after it.
        var eachLine: ((JSON) -> Void)?
    }

    let folder: String
    private let told = Told()
    private let follower: Follower

    /// - Parameter change: Changes the limits.
    init(_ hub: FollowedHub, into folder: String? = nil, _ change: (inout FollowSettings) -> Void = { _ in }) throws {
        self.folder = folder ?? hub.folder
        var settings = FollowSettings()
        change(&settings)
        let told = told
        follower = try Follower(
            paths: hub.paths, environment: hub.environment, folder: self.folder, settings: settings, clock: hub.clock,
            report: FollowReport(isJSON: true, clock: hub.clock) { line in
                guard let document = try? JSONParser.parse(Array(line.utf8)) else { return }
                told.lines.append(document)
                told.eachLine?(document)
            }, isStopped: { false })
    }

    func look() { follower.look() }

    func end() { follower.finishUp() }

    /// Whether it had everything when it ended.
    var isComplete: Bool? {
        told.lines.last { $0["event"]?.string == "ends" }?["is_complete"]?.bool
    }

    /// Does this when a line of a kind is told, right then.
    func on(_ kind: String, _ body: @escaping (JSON) -> Void) {
        told.eachLine = { line in if line["event"]?.string == kind { body(line) } }
    }

    /// What a key had in the lines of a kind.
    func said(_ kind: String, _ key: String) -> [String] {
        told.lines.filter { $0["event"]?.string == kind }.compactMap { $0[key]?.string }
    }

    /// What it waits for, or waited for, once each.
    var problems: [String] { said("waits", "error") }
    /// Why each whole copy was made.
    var reasons: [String] { said("copy_begins", "reason") }

    /// The whole copies in the folder, oldest first.
    var copies: [String] {
        FollowSession.names(folder).filter { name in
            name.hasPrefix("copy-") && FileManager.default.fileExists(atPath: "\(folder)/\(name)/copy.json")
        }
    }

    /// The pieces of the newest copy, oldest first.
    var pieces: [String] {
        guard let copy = copies.last else { return [] }
        let pieces = "\(folder)/\(copy)/pieces"
        return FollowSession.names(pieces).filter { $0 != "part" }.map { "\(pieces)/\($0)" }
    }

    static func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
}
