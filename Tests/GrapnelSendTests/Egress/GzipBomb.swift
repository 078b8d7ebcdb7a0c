/// A small gzip member that unpacks to many zeros, made by hand: fixed Huffman codes of length 258, distance 1.
enum GzipBomb {
    /// At least `count` zeros, about a thousand to one.
    static func zeros(count: Int) -> [UInt8] {
        var bytes: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        func write(_ value: UInt32, _ width: UInt32) {
            buffer |= value << bits
            bits += width
            while bits >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: buffer))
                buffer >>= 8
                bits -= 8
            }
        }
        // RFC 1951 §3.2.6: last block, fixed codes; the literal 0 is 00110000, the length 258 is 11000101, both
        // written from their most significant bit; the distance 1 is 00000.
        write(0b1, 1)
        write(0b01, 2)
        write(0b0000_1100, 8)
        for _ in 0..<(count / 258) {
            write(0b1010_0011, 8)
            write(0, 5)
        }
        write(0, 7)
        if bits > 0 { write(0, 8 - bits) }
        // The check sum is never reached.
        return bytes + [UInt8](repeating: 0, count: 8)
    }
}
