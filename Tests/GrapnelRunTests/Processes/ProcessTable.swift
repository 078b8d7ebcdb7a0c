import Glibc

/// The processes of this machine.
enum ProcessTable {
    /// How many have this command line (its words, without their ends).
    static func count(of words: [String]) -> Int {
        guard let directory = opendir("/proc") else { return -1 }
        defer { closedir(directory) }
        let wanted = words.reduce(into: [UInt8]()) { $0 += Array($1.utf8) + [0] }
        var count = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard Int(name) != nil else { continue }
            let file = open("/proc/\(name)/cmdline", O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { continue }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let size = read(file, &bytes, bytes.count)
            close(file)
            if size == wanted.count, Array(bytes[..<size]) == wanted { count += 1 }
        }
        return count
    }
}
