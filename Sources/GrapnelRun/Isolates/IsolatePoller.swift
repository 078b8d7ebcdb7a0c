import CSandbox
import Glibc

/// The descriptors that the isolates' thread waits for (epoll). What is ready costs, not what is watched.
final class IsolatePoller {
    /// What a descriptor belongs to.
    enum Subject: Hashable {
        case inbox
        case child(pid_t)
        /// By its number in the pool.
        case zygote(UInt32)

        fileprivate var number: UInt64 {
            switch self {
            case .inbox: 0
            // No process has the number 0.
            case .child(let process): UInt64(UInt32(bitPattern: process))
            case .zygote(let number): 1 << 32 | UInt64(number)
            }
        }

        fileprivate init(number: UInt64) {
            switch number {
            case 0: self = .inbox
            case 1..<(1 << 32): self = .child(pid_t(truncatingIfNeeded: number))
            default: self = .zygote(UInt32(truncatingIfNeeded: number))
            }
        }
    }

    /// A descriptor that is ready.
    struct Event {
        let subject: Subject
        /// Something may be read, or the other side is gone.
        let isReadable: Bool
        let isWritable: Bool
    }

    private let descriptor = grapnel_poller()
    private var ready = [grapnel_ready](repeating: grapnel_ready(), count: 64)

    /// Waits for a descriptor to be read.
    func watch(_ file: Int32, as subject: Subject) { grapnel_poller_add(descriptor, file, subject.number) }

    /// Changes whether a watched descriptor is also waited for to be written.
    func change(_ file: Int32, as subject: Subject, alsoWritable: Bool) {
        grapnel_poller_change(descriptor, file, subject.number, alsoWritable)
    }

    /// A descriptor is no longer waited for; to be called before it is closed.
    func forget(_ file: Int32) { grapnel_poller_remove(descriptor, file) }

    /// What is ready, after at most `milliseconds`; none when the time is over or a signal came.
    func wait(milliseconds: Int32) -> [Event] {
        let count = grapnel_poller_wait(descriptor, &ready, Int32(ready.count), milliseconds)
        return ready[..<Int(count)].map { entry in
            Event(
                subject: Subject(number: entry.subject), isReadable: entry.readable, isWritable: entry.writable)
        }
    }

    deinit { close(descriptor) }
}
