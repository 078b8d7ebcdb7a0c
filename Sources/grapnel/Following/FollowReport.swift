package import GrapnelCore

/// What a copy that follows tells: lines for a person, or one JSON document a line for scripts.
package final class FollowReport {
    private let isJSON: Bool
    private let clock: any HubClock
    private let print: (String) -> Void
    private let line = ProgressLine()
    /// What was said last of what goes wrong, so that it is said once.
    private var trouble: String?

    /// - Parameter print: Takes a line.
    package init(isJSON: Bool, clock: any HubClock, print: @escaping (String) -> Void) {
        self.isJSON = isJSON
        self.clock = clock
        self.print = print
    }

    func begins(_ database: String, in folder: String, every: Duration, continuing: String?) {
        say(
            "follow",
            "\(database) is followed into \(folder), every \(every.text); Ctrl-C ends it, and starting it again goes on.",
            [("database", .string(database)), ("folder", .string(folder))])
        if let continuing { say("continue", "goes on with \(continuing)", [("copy", .string(continuing))]) }
    }

    func copies(_ name: String, why: String) {
        say("copy_begins", "new copy \(name): \(why)", [("copy", .string(name)), ("reason", .string(why))])
    }

    func progress(_ done: Int, _ total: Int, _ elapsed: Duration) {
        guard !isJSON else { return }
        line.show(ProgressLine.bar(done: done, of: total, in: elapsed) + " of pages")
    }

    func copied(_ name: String, bytes: Int, elapsed: Duration) {
        let seconds = elapsed.milliseconds / 1000
        say(
            "copy_ends", "\(name) is whole: \(ByteCount.bytes(bytes).rounded) in \(seconds) s; restorable from now on",
            [("copy", .string(name)), ("bytes", .integer(Int64(bytes)))])
    }

    /// Quiet on a terminal: one line that is written over.
    ///
    /// - Parameter at: Up to when the copy is complete with it; `nil` when another piece follows at once.
    func piece(_ copy: FollowCopy, pages: Int, completeTo at: Timestamp?) {
        guard isJSON else { return at.map { show(copy, $0) } ?? () }
        write(
            "piece",
            [
                ("copy", .string(copy.name)), ("piece", .integer(Int64(copy.lastNumber))),
                ("pages", .integer(Int64(pages))),
                ("complete_to", at.map { .string($0.description) } ?? .null),
            ])
    }

    /// Something that goes on by itself once its cause is gone; said once.
    func waits(_ problem: String) {
        guard trouble != problem else { return }
        trouble = problem
        say("waits", "waits and tries again: \(problem)", [("error", .string(problem))])
    }

    /// What was waited for is there.
    func goesOn() {
        guard trouble != nil else { return }
        trouble = nil
        say("goes_on", "goes on", [])
    }

    /// Nothing is missing that was committed before `at`.
    func complete(_ copy: FollowCopy, _ at: Timestamp) {
        guard isJSON else { return show(copy, at) }
        write("complete", [("copy", .string(copy.name)), ("complete_to", .string(at.description))])
    }

    /// - Parameter copy: What has everything; `nil` when something could not be fetched at the end.
    func ends(_ copy: String?) {
        let text = copy.map { "\($0) has everything up to now" } ?? "the last commits may be missing; start it again"
        say("ends", "ended: \(text)", [("is_complete", .bool(copy != nil))])
    }

    private func show(_ copy: FollowCopy, _ at: Timestamp) {
        line.show("complete to \(at), \(copy.lastNumber.grouped) pieces, \(ByteCount.bytes(copy.pieceBytes).rounded)")
    }

    private func say(_ event: String, _ text: String, _ details: [(String, JSON)]) {
        if isJSON { return write(event, details) }
        line.clear()
        print("\(Style.dim(clock.now().description))  \(text)")
    }

    private func write(_ event: String, _ details: [(String, JSON)]) {
        let document = [("at", JSON.string(clock.now().description)), ("event", .string(event))] + details
        print(JSONWriter.text(.object(JSONObject(document))))
    }
}
