#if canImport(Glibc)
import Glibc
#endif

/// The few things that recipes and their bundles need of the file system, each bounded and with an error for people.
enum LocalFile {
    /// The bytes of a file.
    ///
    /// - Throws: `LocalFileError` when it is not there, is no regular file, or holds more than `limit` bytes.
    static func read(_ path: String, limit: Int) throws(LocalFileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LocalFileError(path: path, code: errno) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw LocalFileError(path: path, code: errno) }
        guard information.st_mode & S_IFMT == S_IFREG else { throw LocalFileError(path: path, code: EISDIR) }
        guard information.st_size <= limit else { throw LocalFileError(path: path, code: EFBIG) }
        // One byte more than the size tells a file that grows while it is read.
        var bytes = [UInt8](repeating: 0, count: Int(information.st_size) + 1)
        var filled = 0
        while true {
            if filled == bytes.count {
                guard filled <= limit else { throw LocalFileError(path: path, code: EFBIG) }
                bytes.append(contentsOf: repeatElement(0, count: min(filled, limit + 1 - filled)))
            }
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw LocalFileError(path: path, code: errno)
            }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    /// Replaces a file as a whole: a reader sees the old bytes or the new ones, also after a crash.
    static func write(_ bytes: [UInt8], to path: String) throws(LocalFileError) {
        let temporary = "\(path).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw LocalFileError(path: temporary, code: errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0 {
                if errno == EINTR { continue }
                let code = errno
                close(descriptor)
                throw LocalFileError(path: temporary, code: code)
            }
            written += count
        }
        let isSynced = fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isSynced else { throw LocalFileError(path: temporary, code: code) }
        guard rename(temporary, path) == 0 else { throw LocalFileError(path: path, code: errno) }
    }

    /// The names in a folder, sorted, without those that start with a dot; empty when there is no such folder.
    static func names(in folder: String) throws(LocalFileError) -> [String] {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw LocalFileError(path: folder, code: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether `path` is a folder.
    static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether `path` is a regular file that may be executed.
    static func isExecutable(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// Whether there is a file or folder at `path`.
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Makes a folder, for this user alone, and those above it.
    static func makeFolder(_ path: String) throws(LocalFileError) {
        if isFolder(path) { return }
        let parent = parent(of: path)
        if !parent.isEmpty, parent != path { try makeFolder(parent) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw LocalFileError(path: path, code: errno) }
    }

    /// Lets the hub's user execute a file.
    static func makeExecutable(_ path: String) throws(LocalFileError) {
        guard chmod(path, 0o700) == 0 else { throw LocalFileError(path: path, code: errno) }
    }

    /// A new empty folder of an unused name below the system's folder for temporary files.
    static func makeTemporaryFolder() throws(LocalFileError) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/grapnel-bundle.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw LocalFileError(path: base, code: errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a folder and the files directly in it.
    static func removeFolder(_ folder: String) {
        for name in (try? names(in: folder)) ?? [] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// The absolute path without links, dots and doubled slashes; `nil` when there is nothing at `path`.
    static func resolved(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    /// The part of `path` before its last slash.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The part of `path` after its last slash.
    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// The path without links; `nil` when there is nothing.
    static func realPath(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
