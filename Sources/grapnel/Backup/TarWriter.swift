import GrapnelCrypto

/// Writes a tar archive.
struct TarWriter {
    private let file: LocalFile
    private let modified: Int64

    /// - Parameter modified: The time of every file in it, in seconds since 1970.
    init(_ path: String, modified: Int64) throws {
        file = try LocalFile(writing: path, mode: 0o600)
        self.modified = modified
    }

    /// Adds a file that is on disk; returns its size and SHA-256.
    ///
    /// - Parameter progress: Called with the bytes that were added so far.
    func add(
        _ name: String, from path: String, progress: (Int) throws -> Void = { _ in }
    ) throws -> (size: Int, digest: [UInt8]) {
        let source = try LocalFile(reading: path)
        let (size, mode) = try source.status()
        try begin(name, size: size, mode: mode)
        let digest = RunningDigest(.sha256)
        var rest = size
        while rest > 0 {
            let bytes = try source.read(min(rest, LocalFile.piece))
            guard !bytes.isEmpty else { throw BackupError("\(path) became shorter while it was copied: try again") }
            digest.update(bytes[...])
            try file.write(bytes[...])
            rest -= bytes.count
            try progress(size - rest)
        }
        try end(size)
        return (size, digest.finish())
    }

    /// Adds a file of these bytes.
    func add(_ name: String, _ bytes: [UInt8]) throws {
        try begin(name, size: bytes.count, mode: 0o600)
        try file.write(bytes[...])
        try end(bytes.count)
    }

    /// Ends the archive and waits until it is on the disk.
    func finish() throws {
        try file.write([UInt8](repeating: 0, count: 2 * TarHeader.block)[...])
        try file.sync()
    }

    private func begin(_ name: String, size: Int, mode: UInt32) throws {
        let long = Array(name.utf8) + [0]
        if name.utf8.count > TarHeader.longestName {
            let header = TarHeader(name: "././@LongLink", size: long.count, kind: .longName, modified: modified)
            try file.write(header.bytes[...])
            try file.write(long[...])
            try end(long.count)
        }
        try file.write(TarHeader(name: name, size: size, mode: mode, modified: modified).bytes[...])
    }

    private func end(_ size: Int) throws {
        try file.write([UInt8](repeating: 0, count: TarHeader.padding(behind: size))[...])
    }
}
