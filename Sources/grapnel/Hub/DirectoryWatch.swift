import Glibc
import GrapnelCore
import ServiceLifecycle

/// Reads the hub directory again when one of its files has changed (`grapnel up --watch`).
///
/// Files are looked at rather than subscribed to: that works on every file system, and a person does not feel a second.
struct DirectoryWatch: Service {
    /// How often the files are looked at. 500 ms.
    static let period: Duration = .milliseconds(500)

    let controller: HubController
    let paths: HubPaths
    let clock: any HubClock

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var read = fingerprint()
            var seen = read
            while (try? await clock.sleep(for: Self.period)) != nil {
                let now = fingerprint()
                // An editor writes in several steps: wait until nothing has changed for a period.
                if now == seen, now != read {
                    read = now
                    _ = await controller.reload()
                }
                seen = now
            }
        }
    }

    /// What changes when a file of the directory does: paths, sizes and times.
    private func fingerprint() -> [String: [Int]] {
        var files: [String: [Int]] = [:]
        for file in [paths.configuration, paths.environmentFile] { note(file, in: &files) }
        for folder in [paths.recipes, paths.connectors] { walk(folder, depth: 0, into: &files) }
        return files
    }

    private func walk(_ folder: String, depth: Int, into files: inout [String: [Int]]) {
        guard depth < 8 else { return }
        for name in FileSystem.names(in: folder) where !name.hasPrefix(".") && name != "node_modules" {
            let path = "\(folder)/\(name)"
            if FileSystem.isDirectory(path) {
                walk(path, depth: depth + 1, into: &files)
            } else {
                note(path, in: &files)
            }
        }
    }

    private func note(_ path: String, in files: inout [String: [Int]]) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        files[path] = [Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec, Int(status.st_ino)]
    }
}
