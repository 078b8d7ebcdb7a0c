package import Glibc

/// How many files the program may have open.
package enum OpenFiles {
    /// As many as a hub with all its isolates and connections at work needs.
    private static let enough: rlim_t = 65_536
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    /// What it may have open now, and at most; `nil` when the system does not say.
    package static var limit: rlimit? {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? limit : nil
    }

    /// Takes what the machine allows: every isolate and every vendor's connection costs a few, and 1,024, where many
    /// systems begin, is soon used up.
    static func raiseLimit() {
        guard var limit, limit.rlim_cur < min(limit.rlim_max, enough) else { return }
        limit.rlim_cur = min(limit.rlim_max, enough)
        _ = setrlimit(resource, &limit)
    }

    /// How many connections may be taken at a time: half of the files at most, so that vendors who connect leave the rest to
    /// isolates, requests and the database. A busy program that can open none is ended by the libdispatch of Swift 6.3, which
    /// looks into `/proc` for its threads.
    ///
    /// - Parameter wanted: How many there would be if files did not matter.
    package static func connections(wanted: Int) -> Int { atMost(wanted, shares: 2) }

    /// How many requests may be under way at a time: a quarter of the files at most.
    ///
    /// - Parameter wanted: How many there would be if files did not matter.
    package static func requests(wanted: Int) -> Int { atMost(wanted, shares: 4) }

    /// So many, or one of so many equal shares of the files if that is less.
    private static func atMost(_ wanted: Int, shares: Int) -> Int {
        limit.map { min(wanted, Int(clamping: $0.rlim_cur) / shares) } ?? wanted
    }
}
