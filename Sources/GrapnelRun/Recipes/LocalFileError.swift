#if canImport(Glibc)
import Glibc
#endif

/// Why a file could not be read or written.
struct LocalFileError: Error, Sendable, Hashable, CustomStringConvertible {
    let path: String
    /// `errno`.
    let code: Int32

    var description: String { "\(path): \(String(cString: strerror(code)))" }

    /// Whether there is no such file.
    var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
}
