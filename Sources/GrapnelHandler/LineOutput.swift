import Glibc

/// The pipe to the hub, taken away from standard output: what a handler prints goes to its log, by standard error.
struct LineOutput {
    private let descriptor: Int32

    init() {
        descriptor = fcntl(1, F_DUPFD_CLOEXEC, 3)
        dup2(2, 1)
    }

    /// Writes all bytes without a buffer between; `false` when nobody reads them.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // What was printed before stands before in the log.
        fflush(nil)
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
