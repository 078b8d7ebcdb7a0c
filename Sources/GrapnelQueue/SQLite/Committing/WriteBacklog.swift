import Glibc
import GrapnelCore

/// The writes that wait for the writer thread: bounded, first come first served.
///
/// Unchecked: everything is guarded by its mutex. The writer is a thread that blocks, so it waits on a condition
/// variable, which `Mutex` has not.
final class WriteBacklog: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let limits: QueueLimits
    private var waiting: [any PendingWrite] = []
    /// The first write that was not taken yet.
    private var head = 0
    private var bytes = 0
    private var isWriterIdle = false
    private var closing: QueueError?

    init(limits: QueueLimits) {
        self.limits = limits
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Why further writes are refused; `nil` while they are taken.
    var refusal: QueueError? { locked { closing } }

    /// Whether no write waits.
    var isEmpty: Bool { locked { head == waiting.count } }

    /// Adds a write; returns why it cannot wait, if it cannot.
    func append(_ write: any PendingWrite) -> QueueError? {
        let (refusal, wakes): (QueueError?, Bool) = locked {
            if let closing { return (closing, false) }
            let count = waiting.count - head
            // A write that is larger than the bound by itself may wait alone.
            guard count < limits.waitingWrites, count == 0 || bytes + write.bytes <= limits.waitingBytes.bytes else {
                return (QueueError(.full, "\(count) writes wait already: answer 503 and try again in a moment"), false)
            }
            waiting.append(write)
            bytes += write.bytes
            let wakes = isWriterIdle
            isWriterIdle = false
            return (nil, wakes)
        }
        if wakes { pthread_cond_signal(arrival) }
        return refusal
    }

    /// The writes of the next commit: all that wait, within the bounds of a commit. Waits for one; `nil` when the
    /// backlog is closed and empty.
    func next() -> [any PendingWrite]? {
        locked {
            while head == waiting.count {
                if closing != nil { return nil }
                isWriterIdle = true
                pthread_cond_wait(arrival, mutex)
            }
            isWriterIdle = false
            var end = head
            var taken = 0
            while end < waiting.count, end - head < max(limits.commitWrites, 1),
                end == head || taken + waiting[end].bytes <= limits.commitBytes.bytes
            {
                taken += waiting[end].bytes
                end += 1
            }
            bytes -= taken
            let batch = Array(waiting[head..<end])
            if end == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                head = 0
            } else {
                head = end
                // What was taken is let go once it is the greater part.
                if head > waiting.count / 2 {
                    waiting.removeFirst(head)
                    head = 0
                }
            }
            return batch
        }
    }

    /// Refuses every further write with this error; those that wait are still written.
    func close(_ error: QueueError) {
        locked {
            if closing == nil { closing = error }
            isWriterIdle = false
        }
        pthread_cond_broadcast(arrival)
    }
}
