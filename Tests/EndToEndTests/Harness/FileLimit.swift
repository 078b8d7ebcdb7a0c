import Subprocess

/// How many files a running process may have open, changed from outside.
struct FileLimit {
    private let process: Int32

    /// Lets the process open so many files more than it has now, at most. What it has open stays open.
    init(of process: Int32, spare: Int) async throws {
        self.process = process
        let open = Set(ProcessTable.files(of: process))
        var (limit, left) = (0, spare)
        // A new file gets the lowest number that is free, and none beyond the limit.
        while open.contains(limit) || left > 0 {
            if !open.contains(limit) { left -= 1 }
            limit += 1
        }
        try await FileLimit.set("\(limit):", process)
    }

    /// Lets it open as many as it may at all.
    func lift() async throws { try await FileLimit.set("1024:", process) }

    private static func set(_ limit: String, _ process: Int32) async throws {
        let result = try await Subprocess.run(
            .name("prlimit"), arguments: ["--pid", "\(process)", "--nofile=\(limit)"], output: .discarded,
            error: .string(limit: 4096))
        guard case .exited(0) = result.terminationStatus else { throw HarnessError("prlimit: \(result.standardError)") }
    }
}
