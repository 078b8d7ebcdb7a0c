/// A place in the history of a database: after a frame of a log, which is named so that no other log has it.
package struct LogPosition: Sendable, Hashable {
    package let log: LogHeader
    /// The last frame before the place; 0 at the beginning of the log.
    package let frame: Int
    /// The checksum of everything up to it.
    package let checksum: LogChecksum

    init(log: LogHeader, frame: Int, checksum: LogChecksum) {
        self.log = log
        self.frame = frame
        self.checksum = checksum
    }

    /// The beginning of a log.
    init(beginning log: LogHeader) {
        self.init(log: log, frame: 0, checksum: log.checksum)
    }
}

extension LogPosition: CustomStringConvertible {
    /// Frame, checksum and header of the log, for a file: `412 90ab12cd ef345678 377f0682…`.
    package var description: String {
        func hex(_ number: UInt32, _ width: Int) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(frame) \(hex(checksum.first, 8)) \(hex(checksum.second, 8)) "
            + log.bytes.map { hex(UInt32($0), 2) }.joined()
    }

    /// The position that `text` names; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 4, let frame = Int(parts[0]), frame >= 0, let first = UInt32(parts[1], radix: 16),
            let second = UInt32(parts[2], radix: 16)
        else { return nil }
        let digits = Array(parts[3])
        guard digits.count == LogHeader.size * 2 else { return nil }
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0..<$0 + 2]), radix: 16)
        }
        guard let log = LogHeader(bytes) else { return nil }
        self.init(log: log, frame: frame, checksum: LogChecksum(first: first, second: second))
    }
}
