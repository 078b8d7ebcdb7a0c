import Dispatch

/// Holds one call up until it is opened: a disk that takes its time.
final class DiskGate: Sendable {
    private let arrived = AsyncStream.makeStream(of: Void.self)
    private let opened = DispatchSemaphore(value: 0)

    /// For the thread that calls.
    func pass() {
        arrived.continuation.finish()
        opened.wait()
    }

    /// Returns when the call waits.
    func arrival() async {
        for await _ in arrived.stream {}
    }

    func open() { opened.signal() }
}
