import GrapnelCore

/// A folder as a sequence of operations makes it: what lasts, and what was not synced yet and may be lost.
struct DiskHistory {
    /// A power cut tears a write between sectors, and never within one.
    static let sector = 512

    private enum Change {
        case write(offset: Int, bytes: [UInt8])
        case resize(Int)
    }

    private struct File {
        var durable: [UInt8] = []
        var pending: [Change] = []
    }

    private var files: [Int: File] = [:]
    private var names: [String: Int] = [:]
    /// Names that were given, or taken away (`nil`), since the folder was synced.
    private var pendingNames: [(name: String, file: Int?)] = []

    mutating func make(_ operation: DiskOperation) {
        switch operation {
        case .create(let file, let name):
            files[file] = File()
            pendingNames.append((name, file))
        case .write(let file, let offset, let bytes):
            files[file]?.pending.append(.write(offset: offset, bytes: bytes))
        case .resize(let file, let size):
            files[file]?.pending.append(.resize(size))
        case .sync(let file, let withFolder):
            if var synced = files[file] {
                for change in synced.pending { DiskHistory.apply(change, to: &synced.durable) }
                synced.pending = []
                files[file] = synced
            }
            if withFolder { syncFolder() }
        case .delete(let name, let withFolder):
            pendingNames.append((name, nil))
            if withFolder { syncFolder() }
        }
    }

    private mutating func syncFolder() {
        for change in pendingNames { names[change.name] = change.file }
        pendingNames = []
    }

    /// The files as they are while the power lasts.
    var whole: DiskImage {
        var history = self
        history.syncFolder()
        var image = DiskImage()
        for (name, number) in history.names {
            guard var file = files[number] else { continue }
            for change in file.pending { DiskHistory.apply(change, to: &file.durable) }
            image.files[name] = file.durable
        }
        return image
    }

    /// One of the many states in which the disk may be found if the power fails now.
    func image(_ random: some RandomSource) -> DiskImage {
        var image = DiskImage()
        // A file system keeps the order of names.
        var names = names
        for change in pendingNames.prefix(DiskHistory.below(pendingNames.count + 1, random)) {
            names[change.name] = change.file
        }
        for (name, number) in names.sorted(by: { $0.key < $1.key }) {
            guard let file = files[number] else { continue }
            image.files[name] = DiskHistory.survivor(of: file, random, &image)
        }
        return image
    }

    /// A number in `0 ..< bound`.
    static func below(_ bound: Int, _ random: some RandomSource) -> Int {
        bound > 0 ? Int(random.next() % UInt64(bound)) : 0
    }

    /// The file with what came through of its changes.
    private static func survivor(of file: File, _ random: some RandomSource, _ image: inout DiskImage) -> [UInt8] {
        var bytes = file.durable
        guard !file.pending.isEmpty else { return bytes }
        let way = below(5, random)
        let prefix = below(file.pending.count + 1, random)
        var size = bytes.count
        for (index, change) in file.pending.enumerated() {
            switch change {
            case .write(let offset, let written): size = max(size, offset + written.count)
            case .resize(let new): size = max(size, new)
            }
            switch way {
            // Nothing came through, or everything.
            case 0: image.dropped += 1
            case 1: keep(change, in: &bytes, &image)
            // What was written first came through, up to a write in the middle of which the power failed.
            case 2 where index < prefix: keep(change, in: &bytes, &image)
            case 2 where index == prefix: tear(change, in: &bytes, random, &image)
            case 2: image.dropped += 1
            // Any writes came through, whatever their order.
            case 3 where random.next() & 1 == 0: keep(change, in: &bytes, &image)
            case 3: image.dropped += 1
            // Any sectors of any writes came through.
            default: tear(change, in: &bytes, random, &image)
            }
        }
        // The size may have come through without the bytes.
        if bytes.count < size, random.next() & 3 == 0 {
            bytes += [UInt8](repeating: 0, count: size - bytes.count)
        }
        return bytes
    }

    private static func keep(_ change: Change, in bytes: inout [UInt8], _ image: inout DiskImage) {
        image.applied += 1
        apply(change, to: &bytes)
    }

    /// Lets any of the sectors of a write come through. A change of size comes through or does not.
    private static func tear(
        _ change: Change, in bytes: inout [UInt8], _ random: some RandomSource, _ image: inout DiskImage
    ) {
        guard case .write(let offset, let written) = change else {
            if random.next() & 1 == 0 { keep(change, in: &bytes, &image) } else { image.dropped += 1 }
            return
        }
        image.torn += 1
        var start = 0
        while start < written.count {
            let end = min(start + sector - (offset + start) % sector, written.count)
            if random.next() & 1 == 0 {
                apply(.write(offset: offset + start, bytes: Array(written[start..<end])), to: &bytes)
            }
            start = end
        }
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .resize(let size) where size < bytes.count: bytes.removeLast(bytes.count - size)
        case .resize(let size): bytes += [UInt8](repeating: 0, count: size - bytes.count)
        case .write(let offset, let written):
            let end = offset + written.count
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
            bytes.withUnsafeMutableBytes { buffer in
                written.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<end]).copyMemory(from: $0)
                }
            }
        }
    }
}
