/// The running checksum of SQLite's log: each frame's covers all before it, so that a frame is of this log, and at this
/// place of it, or does not match (https://sqlite.org/fileformat2.html#checksum_algorithm).
package struct LogChecksum: Sendable, Hashable {
    package var first: UInt32 = 0
    package var second: UInt32 = 0

    /// Adds bytes, eight by eight.
    ///
    /// - Parameter isBigEndian: How the log reads its words; its header says so.
    mutating func add(_ bytes: UnsafeRawBufferPointer, isBigEndian: Bool) {
        var (first, second) = (first, second)
        var place = 0
        while place + 8 <= bytes.count {
            let left = bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
            let right = bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
            first &+= (isBigEndian ? UInt32(bigEndian: left) : UInt32(littleEndian: left)) &+ second
            second &+= (isBigEndian ? UInt32(bigEndian: right) : UInt32(littleEndian: right)) &+ first
            place += 8
        }
        (self.first, self.second) = (first, second)
    }
}
