import Glibc
import Synchronization

/// A control group of one program: its memory and its processes are counted together and end together. There is one
/// where the hub may make it (version 1 or 2); elsewhere the hub's own looking and the sandbox must do.
final class ControlGroup: Sendable {
    private static let root = "/sys/fs/cgroup"
    private static let number = Atomic<Int>(0)

    /// One for version 2, one for each controller in version 1.
    private let folders: [String]
    private let isUnified: Bool

    private init(folders: [String], isUnified: Bool) {
        self.folders = folders
        self.isUnified = isUnified
    }

    /// A new group; `nil` when the system does not let the hub make one.
    static func make(memory: Int, processes: Int) -> ControlGroup? {
        let name = "grapnel-\(getpid())-\(number.add(1, ordering: .relaxed).newValue)"
        let own = text("/proc/self/cgroup").split(separator: UInt8(ascii: "\n")).map { line in
            String(decoding: line, as: UTF8.self).split(
                separator: ":", maxSplits: 2, omittingEmptySubsequences: false
            ).map(String.init)
        }.filter { $0.count == 3 }
        func path(_ controller: String) -> String? {
            own.first { $0[1].split(separator: ",").contains(Substring(controller)) }.map { $0[2] }
        }
        let folders: [String]
        let isUnified: Bool
        if let memoryPath = path("memory"), let processesPath = path("pids") {
            isUnified = false
            folders = ["\(root)/memory\(memoryPath)/\(name)", "\(root)/pids\(processesPath)/\(name)"]
        } else if let path = own.first(where: { $0[0] == "0" })?[2] {
            isUnified = true
            _ = write("+memory +pids", to: "\(root)\(path)/cgroup.subtree_control")
            folders = ["\(root)\(path)/\(name)"]
        } else {
            return nil
        }
        let group = ControlGroup(folders: folders, isUnified: isUnified)
        let isMade = folders.allSatisfy { mkdir($0, 0o755) == 0 }
        if isMade, group.limit(memory: memory, processes: processes) { return group }
        group.remove()
        return nil
    }

    /// Descriptors by which a process enters; the caller closes them.
    func entries() -> [Int32] { folders.map { open("\($0)/cgroup.procs", O_WRONLY | O_CLOEXEC) } }

    /// Whether the system ended a process of the group for want of memory.
    var wasOutOfMemory: Bool {
        guard let folder = folders.first else { return false }
        let file = isUnified ? "memory.events" : "memory.oom_control"
        let text = String(decoding: ControlGroup.text("\(folder)/\(file)"), as: UTF8.self)
        return text.split(separator: "\n").contains { $0.hasPrefix("oom_kill ") && $0 != "oom_kill 0" }
    }

    /// Ends every process of the group.
    func kill() {
        if isUnified, let folder = folders.first, ControlGroup.write("1", to: "\(folder)/cgroup.kill") { return }
        for folder in folders {
            let text = String(decoding: ControlGroup.text("\(folder)/cgroup.procs"), as: UTF8.self)
            for process in text.split(separator: "\n").compactMap({ pid_t($0) }) where process > 1 {
                Glibc.kill(process, SIGKILL)
            }
        }
    }

    /// Whether no process is left.
    var isEmpty: Bool { folders.allSatisfy { ControlGroup.text("\($0)/cgroup.procs").isEmpty } }

    func remove() {
        for folder in folders { rmdir(folder) }
    }

    private func limit(memory: Int, processes: Int) -> Bool {
        guard let first = folders.first, let last = folders.last else { return false }
        if isUnified {
            return ControlGroup.write("\(memory)", to: "\(first)/memory.max")
                && ControlGroup.write("\(processes)", to: "\(first)/pids.max")
        }
        return ControlGroup.write("\(memory)", to: "\(first)/memory.limit_in_bytes")
            && ControlGroup.write("\(processes)", to: "\(last)/pids.max")
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        let bytes = Array(text.utf8)
        return Glibc.write(file, bytes, bytes.count) == bytes.count
    }

    /// A file of the kernel's, whose size it does not tell.
    private static func text(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(file, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : []
    }
}
