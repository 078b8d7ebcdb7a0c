import Glibc

/// A folder of one's own below `TMPDIR`, which goes away, with all it holds, when the value does.
final class ScratchFolder {
    let path: String

    init(environment: [String: String]) throws(FileSystemError) {
        var template = Array("\(environment["TMPDIR"] ?? "/var/tmp")/grapnel.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw FileSystemError("make a folder in", environment["TMPDIR"] ?? "/var/tmp")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        FileSystem.remove(path)
    }
}
