import Glibc

/// Standard output without a buffer between: a line that was said is said.
enum FileDescriptorOutput {
    /// Writes all bytes; `false` when nobody reads them.
    static func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(1, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }
}
