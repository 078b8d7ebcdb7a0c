import Glibc

/// What the kernel says of processes' memory.
enum ProcessMemory {
    /// The processes whose parent is `parent`.
    static func children(of parent: pid_t) -> [pid_t] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var children: [pid_t] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // The parent comes second after the name in brackets, which may hold anything.
            guard let process = pid_t(name),
                let fields = text("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " "),
                fields.count > 1, pid_t(fields[1]) == parent
            else { continue }
            children.append(process)
        }
        return children.sorted()
    }

    /// The proportional share of a process in bytes: its own pages, and its part of those that it shares.
    static func proportional(_ process: pid_t) -> Int { kilobytes("Pss:", "/proc/\(process)/smaps_rollup") << 10 }

    /// Resident bytes of a process.
    static func resident(_ process: pid_t) -> Int { kilobytes("VmRSS:", "/proc/\(process)/status") << 10 }

    private static func kilobytes(_ field: String, _ path: String) -> Int {
        for line in text(path).split(separator: "\n") where line.hasPrefix(field) {
            return Int(line.filter(\.isNumber)) ?? 0
        }
        return 0
    }

    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
