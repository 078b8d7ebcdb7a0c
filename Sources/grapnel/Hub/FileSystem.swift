import Glibc

/// The few file operations of the command line, with errors that name the path.
enum FileSystem {
    /// Makes `path` and what is missing above it; an existing directory is left as it is.
    static func makeDirectory(_ path: String, mode: mode_t) throws(FileSystemError) {
        if isDirectory(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]), mode: 0o755)
        }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw FileSystemError("make the directory", path) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The size of a file; 0 when it is not there.
    static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Free bytes on the volume of `path`; `nil` when the system does not say.
    static func freeBytes(at path: String) -> Int? {
        var volume = statvfs()
        guard statvfs(path, &volume) == 0 else { return nil }
        return Int(clamping: UInt64(volume.f_bavail) * UInt64(volume.f_frsize))
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a directory, sorted; none when it is not there.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The paths of all files below a directory, relative to it, sorted.
    static func files(below path: String) -> [String] {
        names(in: path).flatMap { name in
            isDirectory("\(path)/\(name)") ? files(below: "\(path)/\(name)").map { "\(name)/\($0)" } : [name]
        }
    }

    /// Removes a file, or a directory with all it holds; links are not followed.
    static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) { remove("\(path)/\(name)") }
            rmdir(path)
        } else {
            unlink(path)
        }
    }

    /// Gives a file or directory another name, and waits until that is on the disk.
    static func move(_ path: String, to target: String) throws(FileSystemError) {
        guard rename(path, target) == 0 else { throw FileSystemError("move", path) }
        let folder = target.lastIndex(of: "/").map { String(target[..<$0]) } ?? "."
        let file = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw FileSystemError("open", folder) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw FileSystemError("sync", folder) }
    }

    /// The whole of a file.
    static func read(_ path: String) throws(FileSystemError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileSystemError("read", path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileSystemError("read", path) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// The whole of a text file.
    static func readText(_ path: String) throws(FileSystemError) -> String {
        String(decoding: try read(path), as: UTF8.self)
    }

    /// Replaces a file as a whole: a reader sees the old bytes or the new ones, also after a crash.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(FileSystemError) {
        let temporary = "\(path).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw FileSystemError("write", temporary) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                close(file)
                throw FileSystemError("write", temporary)
            }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0 else {
            close(file)
            throw FileSystemError("write", temporary)
        }
        close(file)
        guard rename(temporary, path) == 0 else { throw FileSystemError("replace", path) }
    }
}
