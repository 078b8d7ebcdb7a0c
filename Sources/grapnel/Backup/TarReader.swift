import GrapnelCrypto

/// Reads a tar archive from its beginning to its end.
struct TarReader {
    /// The longest name that is taken.
    private static let longestName = 4096

    /// A file of the archive. Its content is read, by one of these, before the next one is asked for.
    struct Entry {
        let name: String
        let size: Int
        let mode: UInt32
        fileprivate let file: LocalFile

        /// All of a content that is small.
        func bytes() throws -> [UInt8] {
            var all: [UInt8] = []
            _ = try pass { all += $0 }
            return all
        }

        /// Hands the content on in pieces; returns its SHA-256.
        func pass(_ body: (ArraySlice<UInt8>) throws -> Void) throws -> [UInt8] {
            let digest = RunningDigest(.sha256)
            var rest = size
            while rest > 0 {
                let bytes = try file.read(min(rest, LocalFile.piece))
                guard !bytes.isEmpty else { throw BackupError("\(file.path) ends in the middle of \(name)") }
                digest.update(bytes[...])
                try body(bytes[...])
                rest -= bytes.count
            }
            file.skip(TarHeader.padding(behind: size))
            return digest.finish()
        }
    }

    private let file: LocalFile

    init(_ path: String) throws {
        file = try LocalFile(reading: path)
    }

    /// The next file; `nil` at the end of the archive.
    func next() throws -> Entry? {
        var name: String?
        while true {
            let block = try file.read(TarHeader.block)
            if block.count == TarHeader.block, block.allSatisfy({ $0 == 0 }) { return nil }
            guard let header = TarHeader(block) else {
                throw BackupError(
                    block.count < TarHeader.block
                        ? "\(file.path) ends before its end: it was not written to its end, or not copied whole"
                        : "\(file.path) is no backup, or is damaged")
            }
            let entry = Entry(name: name ?? header.name, size: header.size, mode: header.mode, file: file)
            guard header.kind == .longName else { return entry }
            guard header.size <= TarReader.longestName else { throw BackupError("\(file.path) is no backup") }
            name = String(decoding: try entry.bytes().prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
