/// The limits of notices.
package struct NoticeLimits: Sendable, Hashable {
    /// How long notices of one kind and subject are one; the rest is counted, and said in the next. Default 1 h.
    package var window: Duration
    /// Notices in an hour, of all kinds together; the rest is counted as well. Default 20.
    package var hourly: Int
    /// Kinds and subjects that are remembered at a time. Default 1,000.
    package var subjects: Int
    /// Notices that wait until the queue can be written again. Default 100.
    package var waiting: Int
    /// How often those are tried. Default 5 s.
    package var retry: Duration
    /// How long a notice that names its occasion is remembered, so that a restart does not repeat it. Default 30 d.
    package var memory: Duration

    package init(
        window: Duration = .seconds(3600), hourly: Int = 20, subjects: Int = 1000, waiting: Int = 100,
        retry: Duration = .seconds(5), memory: Duration = .seconds(30 * 86_400)
    ) {
        self.window = max(window, .seconds(1))
        self.hourly = max(hourly, 1)
        self.subjects = max(subjects, 1)
        self.waiting = max(waiting, 1)
        self.retry = retry
        self.memory = memory
    }
}
