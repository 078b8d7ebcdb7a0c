import Glibc

/// What makes a file, and its name, outlast a power cut.
enum SyncedFile {
    /// Writes the pages of a file that is closed to the disk.
    static func sync(_ path: String) throws(QueueError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("open", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("sync", path) }
    }

    /// Gives a file the name `path`, in place of what has it, and syncs the directory.
    static func rename(_ temporary: String, to path: String) throws(QueueError) {
        guard Glibc.rename(temporary, path) == 0 else { throw failure("rename", temporary) }
        try sync(folder(of: path))
    }

    /// Removes a file, if it is there.
    static func remove(_ path: String) { unlink(path) }

    /// The size of a file; `nil` when it is not there.
    static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Free bytes on the volume of `path`; `nil` when the system does not say.
    static func freeBytes(beside path: String) -> Int? {
        var volume = statvfs()
        guard statvfs(folder(of: path), &volume) == 0 else { return nil }
        return Int(clamping: UInt64(volume.f_bavail) * UInt64(volume.f_frsize))
    }

    /// The names in the directory of `path` that start with its own name and `suffix`, sorted.
    static func siblings(of path: String, suffix: String) -> [String] {
        let folder = folder(of: path)
        let start = String(path.dropFirst(folder.utf8.count + (folder == "/" ? 0 : 1))) + suffix
        return ((try? names(in: folder)) ?? []).filter { $0.hasPrefix(start) }.map { "\(folder)/\($0)" }
    }

    /// The names in a directory, sorted; none when there is no such directory.
    ///
    /// - Throws: When it cannot be looked into, which is not the same as that nothing is there.
    static func names(in folder: String) throws(QueueError) -> [String] {
        guard let directory = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw failure("list", folder)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.sorted()
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(_ what: String, _ path: String) -> QueueError {
        QueueError(.storage, "cannot \(what) \(path) (\(String(cString: strerror(errno))))")
    }
}
