import Glibc

/// A bar on a terminal that shows how far a copy is; nothing where standard error goes elsewhere.
struct CopyProgress {
    private static let width = 30
    private let what: String
    private let isShown = isatty(STDERR_FILENO) == 1

    init(_ what: String) { self.what = what }

    func show(_ done: Int, _ total: Int) {
        guard isShown, total > 0 else { return }
        let filled = CopyProgress.width * done / total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: CopyProgress.width - filled)
        Terminal.warn("\r\(what) \(bar) \(100 * done / total) %", end: done >= total ? "\n" : "")
    }
}
