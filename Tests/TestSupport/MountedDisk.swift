import Glibc

/// A small disk of its own: a file system in memory, which only root may mount.
package final class MountedDisk: Sendable {
    package let folder: TemporaryDirectory

    /// `nil` when this process may not mount.
    ///
    /// - Parameters:
    ///   - size: The bytes of files that it takes.
    ///   - files: How many files it takes, and folders; `nil`: as many as the bytes.
    package init?(size: Int, files: Int? = nil) throws {
        folder = try TemporaryDirectory("small")
        let options = "size=\(size)" + (files.map { ",nr_inodes=\($0)" } ?? "")
        guard mount("tmpfs", folder.path, "tmpfs", 0, options) == 0 else { return nil }
    }

    /// Whether this process may mount.
    package static let isPossible: Bool = {
        guard let disk = try? MountedDisk(size: 65_536) else { return false }
        withExtendedLifetime(disk) {}
        return true
    }()

    /// Makes it read-only, which nothing may have open for writing.
    package func becomeReadOnly() -> Bool {
        mount("tmpfs", folder.path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0
    }

    /// Fills it with a file of this name, to the last byte or but for `spare`.
    package func fill(_ name: String, leaving spare: Int = 0) throws {
        guard let file = fopen(folder.file(name), "w") else { throw TemporaryDirectoryError(code: errno) }
        defer { fclose(file) }
        setvbuf(file, nil, _IONBF, 0)
        let block = [UInt8](repeating: 0, count: 4096)
        while fwrite(block, 1, block.count, file) == block.count {}
        guard ftruncate(fileno(file), max(ftell(file) - spare, 0)) == 0 else {
            throw TemporaryDirectoryError(code: errno)
        }
    }

    /// Makes empty files until it takes no more; their names begin with this one.
    package func spendFiles(_ name: String) {
        var number = 0
        while true {
            let file = open(folder.file("\(name)-\(number)"), O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
            guard file >= 0 else { return }
            close(file)
            number += 1
        }
    }

    /// Removes what `spendFiles` made.
    package func giveFilesBack(_ name: String) {
        var number = 0
        while unlink(folder.file("\(name)-\(number)")) == 0 { number += 1 }
    }

    package func remove(_ name: String) { unlink(folder.file(name)) }

    deinit { umount2(folder.path, Int32(MNT_DETACH)) }
}
