/// What happened, a line each: its hash tells whether a seed was repeated exactly.
///
/// Unchecked: there is one thread.
final class Trace: @unchecked Sendable {
    /// Lines that are kept for the report of a failure.
    private static let tailLength = 120

    /// FNV-1a over every line.
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private(set) var lines = 0
    private var recent: [String] = []
    private let prints: Bool

    /// - Parameter prints: Whether every line is printed as it comes.
    init(prints: Bool) { self.prints = prints }

    func note(at time: Int64, _ text: String) {
        var line = "\(time) \(text)"
        line.withUTF8 { bytes in
            var index = 0
            while index < bytes.count {
                hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
                index += 1
            }
        }
        lines += 1
        if prints { print(line) }
        recent.append(line)
        if recent.count > 2 * Trace.tailLength { recent.removeFirst(Trace.tailLength) }
    }

    /// The last lines.
    var tail: [String] { Array(recent.suffix(Trace.tailLength)) }
}
