/// The header of one file in a tar archive (POSIX.1-1988, with GNU's spelling of large sizes and long names), so that any
/// `tar` reads a backup.
struct TarHeader {
    /// The unit of an archive.
    static let block = 512
    /// What a name that fits into the header has at most.
    static let longestName = 100

    enum Kind: UInt8 {
        case file = 0x30
        /// Its content is the name of the file that follows.
        case longName = 0x4C
    }

    var name: String
    var size: Int
    /// The permissions.
    var mode: UInt32 = 0o600
    var kind = Kind.file
    /// Seconds since 1970.
    var modified: Int64 = 0

    /// The bytes of padding behind a content.
    static func padding(behind size: Int) -> Int { (block - size % block) % block }

    /// The header as a block.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: TarHeader.block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { bytes[offset + index] = byte }
        }
        func octal(_ value: Int, digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }
        put(String(decoding: name.utf8.prefix(TarHeader.longestName), as: UTF8.self), at: 0)
        put(octal(Int(mode & 0o7777), digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        if size < 1 << 33 {
            put(octal(size, digits: 11), at: 124)
        } else {
            bytes[124] = 0x80
            for index in 0..<8 { bytes[128 + index] = UInt8(truncatingIfNeeded: size >> (56 - 8 * index)) }
        }
        put(octal(Int(modified), digits: 11), at: 136)
        bytes[156] = kind.rawValue
        put("ustar", at: 257)
        put("00", at: 263)
        put("        ", at: 148)
        put(octal(bytes.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
        bytes[154] = 0
        return bytes
    }

    init(name: String, size: Int, mode: UInt32 = 0o600, kind: Kind = .file, modified: Int64 = 0) {
        self.name = name
        self.size = size
        self.mode = mode
        self.kind = kind
        self.modified = modified
    }

    /// The header in a block; `nil` when it is none that a backup has.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == TarHeader.block, let kind = Kind(rawValue: bytes[156]) else { return nil }
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self) }
        func octal(_ range: Range<Int>) -> Int? { Int(text(range).filter { $0 != " " }, radix: 8) }
        var blank = bytes
        for index in 148..<156 { blank[index] = 0x20 }
        guard octal(148..<156) == blank.reduce(0, { $0 + Int($1) }), let mode = octal(100..<108) else { return nil }
        let large = bytes[124] == 0x80 ? bytes[128..<136].reduce(0) { ($0 << 8) | Int($1) } : nil
        guard let size = large ?? octal(124..<136), size >= 0 else { return nil }
        self.init(
            name: text(0..<100), size: size, mode: UInt32(mode & 0o7777), kind: kind,
            modified: Int64(octal(136..<148) ?? 0))
    }
}
