import Glibc

/// The files of this repository, for tests that are about them. Paths are from its top folder.
package enum Checkout {
    /// The absolute path of the top folder.
    package static let root: String = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

    /// The names in a folder, hidden ones too, in order; none when there is no such folder.
    package static func names(in folder: String) -> [String] {
        guard let directory = opendir("\(root)/\(folder)") else { return [] }
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

    /// Whether there is a file or a folder at a path.
    package static func exists(_ path: String) -> Bool {
        access("\(root)/\(path)", F_OK) == 0
    }

    /// Whether there is a folder at a path.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat("\(root)/\(path)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The bytes of a file; none when it cannot be read.
    package static func bytes(_ path: String) -> [UInt8] {
        guard let file = fopen("\(root)/\(path)", "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }

    /// The text of a file.
    package static func text(_ path: String) -> String {
        String(decoding: bytes(path), as: UTF8.self)
    }
}
