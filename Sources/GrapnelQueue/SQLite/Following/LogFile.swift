import Glibc

/// A log, or a part of one, that is read at any place of it while somebody else writes to its end.
final class LogFile: Sendable {
    private let path: String
    private let descriptor: Int32

    /// - Returns: `nil` when there is no such file.
    init?(_ path: String) throws(QueueError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor < 0 else { return }
        guard errno == ENOENT else { throw LogFile.failure("open", path) }
        return nil
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// At most so many bytes; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(QueueError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { pread(descriptor, $0 + filled, count - filled, off_t(offset + filled)) } ?? 0
            }
            if more < 0 && errno == EINTR { continue }
            guard more >= 0 else { throw LogFile.failure("read", path) }
            if more == 0 { break }
            filled += more
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    func size() throws(QueueError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw LogFile.failure("read", path) }
        return Int(status.st_size)
    }

    /// The header of the log that the file is now; `nil` when it is none.
    func header() throws(QueueError) -> LogHeader? { LogHeader(try read(at: 0, count: LogHeader.size)) }

    static func failure(_ what: String, _ path: String) -> QueueError {
        QueueError(.storage, "cannot \(what) \(path) (\(String(cString: strerror(errno))))")
    }
}
