import Glibc

/// The operating system refused a file operation.
struct FileSystemError: Error, CustomStringConvertible {
    let description: String

    /// Reads `errno`.
    init(_ operation: String, _ path: String) {
        description = "cannot \(operation) \(path): \(String(cString: strerror(errno)))"
    }
}
