import Glibc

/// What a process and everything below it use now, as /proc tells it.
struct ProcessUsage: Sendable {
    /// The most processes that are looked at.
    private static let most = 1024
    private static let ticksPerSecond = max(1, sysconf(Int32(_SC_CLK_TCK)))

    /// Processor time of all, of those that have ended included.
    var cpu: Duration = .zero
    /// Resident memory that is not of files.
    var memory = 0

    /// - Parameter root: A process that has not been waited for.
    init(below root: pid_t) {
        var waiting = [root]
        var seen: Set<pid_t> = []
        while let process = waiting.popLast(), seen.count < ProcessUsage.most {
            guard seen.insert(process).inserted else { continue }
            count(process)
            waiting += ProcessUsage.children(of: process)
        }
    }

    private mutating func count(_ process: pid_t) {
        // One that was forked just now and has not executed its program has the hub's memory, not its own.
        guard ProcessUsage.program(of: process) != ProcessUsage.own else { return }
        let statm = ProcessUsage.text("/proc/\(process)/statm").split(separator: " ").compactMap { Int($0) }
        if statm.count > 2 { memory += max(0, statm[1] - statm[2]) * Int(getpagesize()) }
        // The name may hold spaces and brackets: the fields are counted from the last bracket.
        let stat = ProcessUsage.text("/proc/\(process)/stat")
        guard let bracket = stat.lastIndex(of: ")") else { return }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        guard fields.count > 14 else { return }
        let ticks = fields[11...14].compactMap { Int($0) }.reduce(0, +)
        cpu += .milliseconds(ticks * 1000 / ProcessUsage.ticksPerSecond)
    }

    private static func children(of process: pid_t) -> [pid_t] {
        let threads = (try? LocalFile.names(in: "/proc/\(process)/task")) ?? []
        return threads.prefix(most).flatMap { thread in
            text("/proc/\(process)/task/\(thread)/children").split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// What this process executes.
    private static let own = program(of: getpid())

    private static func program(of process: pid_t) -> [CChar] {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/\(process)/exe", &path, path.count)
        return count > 0 ? Array(path[..<count]) : []
    }

    private static func text(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
    }
}
