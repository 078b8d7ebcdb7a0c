import Glibc

/// The files of this repository, as the tests of its tidiness see them.
enum Repository {
    /// The absolute path of the top folder.
    static let root: String = String(decoding: #filePath.utf8, as: UTF8.self)
        .split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

    /// The names in the top folder.
    static var topLevel: [String] { names(in: root) }

    /// The folders that hold what people wrote.
    static let folders = ["Sources", "Tests", "connectors", "recipes", "docs"]

    /// Every file below `folder` (a path from the top folder), without hidden and installed ones, in order.
    static func files(in folder: String, named suffixes: [String]) -> [RepositoryFile] {
        names(in: "\(root)/\(folder)").flatMap { name -> [RepositoryFile] in
            let path = "\(folder)/\(name)"
            guard !name.hasPrefix("."), name != "node_modules" else { return [] }
            if isFolder("\(root)/\(path)") { return files(in: path, named: suffixes) }
            return suffixes.contains { name.hasSuffix($0) } ? [RepositoryFile(path: path)] : []
        }
    }

    /// The files of every folder and of the top one.
    static func everything(named suffixes: [String]) -> [RepositoryFile] {
        let top = topLevel.filter { name in
            !isFolder("\(root)/\(name)") && suffixes.contains { name.hasSuffix($0) }
        }
        return top.map { RepositoryFile(path: $0) } + folders.flatMap { files(in: $0, named: suffixes) }
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    private static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
