import Glibc

/// Writes and reads small files of tests.
enum FileText {
    /// Writes a file, and the folders above it; `false` when the system refuses.
    static func write(_ text: String, to path: String) -> Bool {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/\(part)"
            mkdir(folder, 0o700)
        }
        guard let file = fopen(path, "w") else { return false }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        return fwrite(bytes, 1, bytes.count, file) == bytes.count
    }
}
