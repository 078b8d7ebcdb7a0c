import Glibc

/// The operating system refused a file operation.
struct FileSystemError: Error, CustomStringConvertible {
    let path: String
    let description: String

    /// Reads `errno`.
    init(_ operation: String, _ path: String) {
        self.path = path
        description = "cannot \(operation) \(path): \(String(cString: strerror(errno)))"
    }
}
