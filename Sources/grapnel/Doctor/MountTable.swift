/// What is mounted where, as the kernel lists it.
enum MountTable {
    /// The type of the file system that holds a path, such as `ext4`; `nil` when it cannot be told.
    static func fileSystem(of path: String) -> String? {
        guard let text = try? FileSystem.readText("/proc/self/mounts") else { return nil }
        var best: (folder: Substring, type: Substring)?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            let folder = fields[1]
            let isAbove = folder == "/" || path == folder || path.hasPrefix("\(folder)/")
            // A later mount at the same place covers the earlier one.
            if isAbove, folder.count >= best?.folder.count ?? 0 { best = (folder, fields[2]) }
        }
        return best.map { String($0.type) }
    }
}
