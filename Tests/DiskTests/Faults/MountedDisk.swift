import Glibc
import TestSupport

/// A small disk of its own: a file system in memory, which only root may mount.
final class MountedDisk {
    let folder: TemporaryDirectory

    /// `nil` when this process may not mount.
    init?(size: Int) throws {
        folder = try TemporaryDirectory("small")
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(size)") == 0 else { return nil }
    }

    /// Whether this process may mount.
    static let isPossible: Bool = {
        guard let disk = try? MountedDisk(size: 65_536) else { return false }
        withExtendedLifetime(disk) {}
        return true
    }()

    /// Makes it read-only, which nothing may have open for writing.
    func becomeReadOnly() -> Bool {
        mount("tmpfs", folder.path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0
    }

    /// Fills it to the last byte with a file of this name.
    func fill(_ name: String) throws {
        guard let file = fopen(folder.file(name), "w") else { throw DiskImageError(code: errno) }
        defer { fclose(file) }
        setvbuf(file, nil, _IONBF, 0)
        let block = [UInt8](repeating: 0, count: 4096)
        while fwrite(block, 1, block.count, file) == block.count {}
    }

    func remove(_ name: String) { unlink(folder.file(name)) }

    deinit { umount2(folder.path, Int32(MNT_DETACH)) }
}
