/// The first 32 bytes of SQLite's log, which tell one log from another: the salts change whenever it begins anew.
package struct LogHeader: Sendable, Hashable {
    static let size = 32
    /// Bytes of a frame before its page.
    static let frameHeaderSize = 24

    /// As they are in the file.
    let bytes: [UInt8]

    /// The header in these bytes; `nil` when they are none, or not whole.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == LogHeader.size else { return nil }
        self.bytes = bytes
        guard word(0) | 1 == 0x377F_0683, word(4) == 3_007_000, (512...65_536).contains(pageSize),
            pageSize & (pageSize - 1) == 0
        else { return nil }
        var sum = LogChecksum()
        bytes[..<24].withUnsafeBytes { sum.add($0, isBigEndian: isBigEndian) }
        guard sum == checksum else { return nil }
    }

    var isBigEndian: Bool { word(0) & 1 == 1 }
    package var pageSize: Int { Int(word(8)) }
    var frameSize: Int { LogHeader.frameHeaderSize + pageSize }
    /// How often the log began anew.
    private var sequence: UInt32 { word(12) }
    /// The first of the salts counts as well.
    private var count: UInt32 { word(16) }
    var salts: ArraySlice<UInt8> { bytes[16..<24] }
    var checksum: LogChecksum { LogChecksum(first: word(24), second: word(28)) }

    /// Whether `next` is the log that comes right after this one when the same process begins it anew.
    func isFollowed(by next: LogHeader) -> Bool {
        next.pageSize == pageSize && next.sequence == sequence &+ 1 && next.count == count &+ 1
    }

    private func word(_ place: Int) -> UInt32 { LogHeader.word(bytes, at: place) }

    /// A number as SQLite writes it into headers and frames: four bytes, the highest first.
    static func word(_ bytes: [UInt8], at place: Int) -> UInt32 {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
