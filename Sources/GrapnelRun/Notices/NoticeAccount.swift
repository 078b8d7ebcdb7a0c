package import GrapnelCore

/// Which notices are told and which are only counted: pure account of what was told when.
package struct NoticeAccount: Sendable {
    /// A notice that may be told.
    package struct Posting: Sendable, Hashable {
        /// How many of its kind and subject were only counted since the last one that was told.
        package var untold: Int
        /// What makes it one with others of its kind and subject.
        package var occasion: String
    }

    private struct Key: Hashable {
        var kind: NoticeKind
        var subject: String
    }

    private struct Entry {
        var occasion: String?
        var untold = 0
        var seenAt: Timestamp
    }

    private let limits: NoticeLimits
    private var entries: [Key: Entry] = [:]
    /// When the notices of the last hour were told.
    private var told: [Timestamp] = []

    package init(limits: NoticeLimits = NoticeLimits()) { self.limits = limits }

    /// Takes note of a notice; `nil` when it is only counted.
    package mutating func take(_ notice: Notice, now: Timestamp) -> Posting? {
        let key = Key(kind: notice.kind, subject: notice.subject)
        let window = limits.window.milliseconds
        let occasion = notice.occasion ?? Timestamp(milliseconds: now.milliseconds / window * window).description
        if entries[key] == nil, entries.count >= limits.subjects { forgetOldest() }
        var entry = entries[key] ?? Entry(seenAt: now)
        entry.seenAt = now
        told.removeAll { now - $0 >= .seconds(3600) || $0 > now }
        guard entry.occasion != occasion, told.count < limits.hourly else {
            // One that names its occasion says nothing new by coming again.
            if notice.occasion == nil { entry.untold += 1 }
            entries[key] = entry
            return nil
        }
        let posting = Posting(untold: entry.untold, occasion: occasion)
        entry.occasion = occasion
        entry.untold = 0
        entries[key] = entry
        told.append(now)
        return posting
    }

    /// Takes back a posting that was told already, before the hub was started: it is only counted.
    package mutating func wasKnown(_ posting: Posting, of notice: Notice) {
        if !told.isEmpty { told.removeLast() }
        guard notice.occasion == nil else { return }
        entries[Key(kind: notice.kind, subject: notice.subject)]?.untold += posting.untold + 1
    }

    private mutating func forgetOldest() {
        if let oldest = entries.min(by: { $0.value.seenAt < $1.value.seenAt })?.key { entries[oldest] = nil }
    }
}
