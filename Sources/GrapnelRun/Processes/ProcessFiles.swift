import GrapnelCore
import GrapnelCrypto

/// The files of a recipe whose handler is a program: what its version is made of, and what is kept of it.
struct ProcessFiles: Sendable {
    /// The most files.
    private static let most = 2000
    /// All files together.
    private static let greatest = ByteCount.mebibytes(64)
    /// The deepest folder.
    private static let deepest = 32
    /// What is of the recipe and not of its handler.
    private static let excluded: Set<String> = ["tests"]

    /// One file.
    struct File: Sendable {
        /// Relative to the recipe's folder.
        let path: String
        let isExecutable: Bool
        let bytes: [UInt8]
    }

    private(set) var files: [File] = []
    private var size = 0

    /// Reads the files of a folder, all but `tests/`, `__pycache__` and names that begin with a dot.
    init(folder: String) throws(ProcessRefusal) {
        try collect(folder, relative: "", depth: 0, root: folder)
    }

    /// The list of the files with their digests, as JSON: for a program what the script is for a script.
    ///
    /// - Parameter program: A program outside of the folder, whose bytes decide as well how a run behaves.
    func listing(program: [UInt8]?) -> [UInt8] {
        var listing = JSONObject()
        for file in files {
            listing.append(
                file.path,
                [
                    "sha256": .string(Hex.encode(Digest.hash(file.bytes, .sha256))),
                    "executable": .bool(file.isExecutable),
                ])
        }
        var document = JSONObject([("files", .object(listing))])
        if let program { document.append("program", .string(Hex.encode(Digest.hash(program, .sha256)))) }
        return JSONWriter.bytes(.object(document), style: .canonical)
    }

    private mutating func collect(
        _ folder: String, relative: String, depth: Int, root: String
    ) throws(ProcessRefusal) {
        guard depth <= ProcessFiles.deepest else { throw ProcessRefusal("\(relative) is nested too deep") }
        let names: [String]
        do throws(LocalFileError) {
            names = try LocalFile.names(in: folder)
        } catch {
            throw ProcessRefusal("\(error)")
        }
        for name in names where name != "__pycache__" && !(depth == 0 && ProcessFiles.excluded.contains(name)) {
            let path = "\(folder)/\(name)"
            let place = relative.isEmpty ? name : "\(relative)/\(name)"
            guard let resolved = LocalFile.resolved(path), resolved.hasPrefix("\(root)/") else {
                throw ProcessRefusal("\(place) leads out of the recipe's folder: put the file itself there")
            }
            if LocalFile.isFolder(path) {
                try collect(path, relative: place, depth: depth + 1, root: root)
            } else {
                try add(path, place)
            }
        }
    }

    private mutating func add(_ path: String, _ place: String) throws(ProcessRefusal) {
        let bytes: [UInt8]
        do throws(LocalFileError) {
            bytes = try LocalFile.read(path, limit: ProcessFiles.greatest.bytes - size)
        } catch {
            throw ProcessRefusal("\(error); a recipe's files have \(ProcessFiles.greatest) together at most")
        }
        size += bytes.count
        guard files.count < ProcessFiles.most else {
            throw ProcessRefusal("a recipe has \(ProcessFiles.most) files at most")
        }
        files.append(File(path: place, isExecutable: LocalFile.isExecutable(path), bytes: bytes))
    }
}
