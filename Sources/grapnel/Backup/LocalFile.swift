import Glibc

/// A file that is read or written piece by piece, closed when the value goes.
final class LocalFile {
    /// Bytes of one read.
    static let piece = 1 << 20

    let path: String
    private let descriptor: Int32

    /// Opens a file for reading.
    init(reading path: String) throws(FileSystemError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileSystemError("read", path) }
    }

    /// Makes a file, in place of what is there.
    init(writing path: String, mode: UInt32) throws(FileSystemError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileSystemError("write", path) }
        // The umask may have taken what the file is to have.
        fchmod(descriptor, mode)
    }

    /// Opens a file for changing parts of it.
    init(changing path: String) throws(FileSystemError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileSystemError("write", path) }
    }

    deinit {
        close(descriptor)
    }

    /// Size and permissions.
    func status() throws(FileSystemError) -> (size: Int, mode: UInt32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileSystemError("read", path) }
        return (Int(status.st_size), status.st_mode & 0o7777)
    }

    /// The next bytes, at most `count`; fewer only at the end.
    func read(_ count: Int) throws(FileSystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { Glibc.read(descriptor, $0 + filled, count - filled) } ?? 0
            }
            if more < 0 && errno == EINTR { continue }
            guard more >= 0 else { throw FileSystemError("read", path) }
            if more == 0 { break }
            filled += more
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Leaves out bytes.
    func skip(_ count: Int) { lseek(descriptor, off_t(count), SEEK_CUR) }

    /// Goes to a place of the file: what is read or written next is there.
    func seek(to offset: Int) throws(FileSystemError) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw FileSystemError("read", path) }
    }

    /// Makes it so long: cuts it, or adds zeros.
    func resize(to size: Int) throws(FileSystemError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileSystemError("write", path) }
    }

    func write(_ bytes: ArraySlice<UInt8>) throws(FileSystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw FileSystemError("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes the rest of it into a new file, which is on the disk then; gives the number of bytes.
    func copy(to target: String) throws(FileSystemError) -> Int {
        let copy = try LocalFile(writing: target, mode: 0o600)
        var size = 0
        while true {
            let bytes = try read(LocalFile.piece)
            try copy.write(bytes[...])
            size += bytes.count
            guard bytes.count == LocalFile.piece else { break }
        }
        try copy.sync()
        return size
    }

    /// Waits until what was written is on the disk.
    func sync() throws(FileSystemError) {
        guard fsync(descriptor) == 0 else { throw FileSystemError("sync", path) }
    }
}
