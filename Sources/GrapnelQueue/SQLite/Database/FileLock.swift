import Glibc

/// An exclusive lock on a file, held until the value goes away or the process ends (`flock(2)`).
///
/// The file says who holds it, for the message of the one that comes second.
package final class FileLock: Sendable {
    private let descriptor: Int32

    /// - Parameter refusal: What is told the one that comes second, of the one that holds it and the file.
    /// - Throws: `QueueError` `locked` when somebody else holds it, `storage` when the file cannot be made.
    package init(
        path: String, holder: String,
        refusal: (_ other: String, _ path: String) -> String = FileLock.hubRefusal
    ) throws(QueueError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw QueueError(
                .storage,
                "cannot open \(path) (\(String(cString: strerror(errno)))): "
                    + "check that its directory is there and belongs to the user of the hub")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let other = FileLock.text(of: descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw QueueError(.storage, "cannot lock \(path) (\(String(cString: strerror(code))))")
            }
            throw QueueError(.locked, refusal(other, path))
        }
        self.descriptor = descriptor
        ftruncate(descriptor, 0)
        let text = Array(holder.utf8)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    deinit {
        // Closing alone would leave it to a process that was forked just now and has not executed its program yet.
        flock(descriptor, LOCK_UN)
        ftruncate(descriptor, 0)
        close(descriptor)
    }

    /// What the second hub is told.
    package static func hubRefusal(_ other: String, _ path: String) -> String {
        "another hub\(other.isEmpty ? "" : " (\(other))") has the database open: \(path) is locked. "
            + "Stop it, or give this one a state directory of its own"
    }

    /// Whether the file at `path` is the one that is locked, and not another one that took its place.
    func isAt(_ path: String) -> Bool {
        var (own, other) = (stat(), stat())
        return fstat(descriptor, &own) == 0 && stat(path, &other) == 0 && own.st_dev == other.st_dev
            && own.st_ino == other.st_ino
    }

    /// Whether somebody holds the lock on the file at `path`.
    static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return false }
        return errno == EWOULDBLOCK
    }

    private static func text(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
