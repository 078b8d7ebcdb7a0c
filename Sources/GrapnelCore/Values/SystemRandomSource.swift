import Glibc
import Synchronization

/// The operating system's random numbers, fetched many at a time: a system call for each would cost more than the rest
/// of what makes an identifier.
package final class SystemRandomSource: RandomSource {
    /// Numbers in one fetch: 256 bytes, which `getrandom(2)` never gives in part.
    private static let fetch = 32

    private let numbers = Mutex<[UInt64]>([])

    package init() {}

    package func next() -> UInt64 {
        numbers.withLock { numbers in
            if let number = numbers.popLast() { return number }
            numbers = [UInt64](repeating: 0, count: SystemRandomSource.fetch)
            numbers.withUnsafeMutableBytes { fill($0) }
            return numbers.removeLast()
        }
    }

    private func fill(_ bytes: UnsafeMutableRawBufferPointer) {
        guard getentropy(bytes.baseAddress, bytes.count) != 0 else { return }
        // A kernel without it: slower, and as good.
        var generator = SystemRandomNumberGenerator()
        for index in stride(from: 0, to: bytes.count, by: 8) {
            bytes.storeBytes(of: generator.next(), toByteOffset: index, as: UInt64.self)
        }
    }
}
