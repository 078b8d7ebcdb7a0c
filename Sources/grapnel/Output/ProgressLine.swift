import Glibc
import GrapnelCore

/// One line on a terminal that is written over again and again; silent where standard error goes elsewhere.
struct ProgressLine {
    private let isShown = isatty(STDERR_FILENO) == 1

    func show(_ text: String) {
        guard isShown else { return }
        Terminal.writeError("\r\u{1B}[K" + Style.dim(text))
    }

    func clear() {
        guard isShown else { return }
        Terminal.writeError("\r\u{1B}[K")
    }

    /// How far something has come: a bar, the count, the rate, and how long it will still take.
    static func bar(done: Int, of total: Int, in elapsed: Duration) -> String {
        let cells = 24
        let filled = total > 0 ? min(cells, cells * done / total) : cells
        var text = "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: cells - filled) + "]  "
        text += "\(done.grouped) of \(total.grouped)"
        let milliseconds = elapsed.milliseconds
        guard done > 0, milliseconds > 0 else { return text }
        let left = Int64(max(total - done, 0)) * milliseconds / Int64(done)
        text += "  \((Int64(done) * 1000 / milliseconds).grouped)/s"
        text += "  \(Duration.milliseconds((left + 999) / 1000 * 1000).text) left"
        return text
    }
}

extension BinaryInteger {
    /// The number with commas: `12,500`.
    var grouped: String {
        var text = ""
        for (index, digit) in String(self).reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
