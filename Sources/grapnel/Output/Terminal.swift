import Glibc

/// Where a command writes, and what that place can show.
enum Terminal {
    /// Whether standard output is a terminal that may be coloured (https://no-color.org).
    static let hasColour = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil

    /// The width of the terminal in columns; 0 when output goes elsewhere and lines need not fit.
    static var width: Int {
        guard isatty(STDOUT_FILENO) == 1 else { return 0 }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else { return 0 }
        return Int(size.ws_col)
    }

    /// Writes a line to standard output at once.
    static func print(_ line: String = "") {
        write(line + "\n", to: STDOUT_FILENO)
    }

    /// Writes a line to standard error.
    static func warn(_ line: String, end: String = "\n") {
        write(line + end, to: STDERR_FILENO)
    }

    /// Writes to standard error without ending the line.
    static func writeError(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    private static func write(_ text: String, to file: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
