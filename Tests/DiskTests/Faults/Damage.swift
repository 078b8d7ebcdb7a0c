import GrapnelCore
import TestSupport

/// What may happen to a file that nobody looks at.
enum Damage: String, CaseIterable {
    case flippedBit = "one bit flipped"
    case zeroedPage = "one page zeroed"
    case truncated = "cut short"

    func apply(to bytes: inout [UInt8], _ random: some RandomSource) {
        guard !bytes.isEmpty else { return }
        switch self {
        case .flippedBit: bytes[DiskHistory.below(bytes.count, random)] ^= 1 << UInt8(DiskHistory.below(8, random))
        case .zeroedPage:
            let start = DiskHistory.below(bytes.count / 4096, random) * 4096
            for index in start..<min(start + 4096, bytes.count) { bytes[index] = 0 }
        case .truncated: bytes.removeLast(1 + DiskHistory.below(bytes.count, random))
        }
    }
}
