import Glibc

/// How many files the program may have open.
enum OpenFiles {
    /// As many as a hub with all its isolates and connections at work needs.
    private static let enough: rlim_t = 65_536

    /// Takes what the machine allows: every isolate and every vendor's connection costs a few, and 1,024, where many
    /// systems begin, is soon used up.
    static func raiseLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < min(limit.rlim_max, enough) else { return }
        limit.rlim_cur = min(limit.rlim_max, enough)
        _ = setrlimit(resource, &limit)
    }
}
