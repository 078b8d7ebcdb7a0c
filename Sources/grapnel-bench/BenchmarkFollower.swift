import Glibc
import GrapnelQueue
import Synchronization

/// Follows a queue as `grapnel backup --follow` does: every second it writes what was committed since into a file, and
/// syncs that.
final class BenchmarkFollower: Sendable {
    private let database: String
    private var target: String { "\(database).pieces" }
    /// Taken by the one that follows.
    private let log: Mutex<FollowedLog?>

    init(of database: String) throws {
        self.database = database
        log = Mutex(try FollowedLog(database: database, holder: "bench"))
    }

    /// Follows until it is cancelled; gives how many pieces there were.
    func follow() async throws -> Int {
        var position = try log.withLock { try $0?.beginning() }
        var pieces = 0
        while let place = position, !Task.isCancelled {
            if let next = try log.withLock({ try self.take(from: place, of: $0) }) {
                position = next
                pieces += 1
            } else {
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return pieces
    }

    /// Removes what it has made.
    func remove() {
        log.withLock { $0 = nil }
        unlink(target)
        let path = "\(database).follow"
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            unlink("\(path)/\(name)")
        }
        closedir(folder)
        rmdir(path)
    }

    /// Writes a piece; gives where it ends, `nil` when nothing was committed.
    private func take(from place: LogPosition, of log: FollowedLog?) throws -> LogPosition? {
        guard case .stretch(let stretch) = try log?.advance(from: place) else { return nil }
        let file = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BenchmarkPool.Failure(description: "\(target) cannot be made") }
        defer { close(file) }
        var gathered: [UInt8] = []
        func flush() { _ = gathered.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } }
        let isWhole = try stretch.eachPage { _, bytes in
            gathered += bytes
            guard gathered.count >= 1 << 20 else { return }
            flush()
            gathered.removeAll(keepingCapacity: true)
        }
        flush()
        fsync(file)
        guard isWhole else { return try take(from: place, of: log) }
        try log?.discard(before: stretch.to)
        return stretch.to
    }
}
