import Glibc
package import GrapnelCore

/// Names the reason of an isolate's end, from what the hub asked for and what the system reports. Pure.
package enum IsolateDeath {
    /// - Parameters:
    ///   - asked: Why the hub killed it; `nil` when it did not.
    ///   - status: The wait status.
    ///   - peak: The most that it held resident, in bytes.
    ///   - baseline: What it held when it was ready, in bytes.
    ///   - budget: What it was allowed beyond that, in bytes.
    package static func failure(
        asked: AttemptFailure?, status: Int32, peak: Int, baseline: Int, budget: Int
    ) -> AttemptFailure {
        if let asked { return asked }
        let signal = status & 0x7F
        guard signal != 0 else {
            return AttemptFailure(.exit, "the isolate ended with status \(status >> 8 & 0xFF)")
        }
        switch signal {
        case SIGKILL: return AttemptFailure(.cpu, "the handler used up its processor time")
        case SIGSYS: return AttemptFailure(.syscall, "the isolate made a system call that is not allowed")
        case SIGILL, SIGSEGV, SIGABRT, SIGBUS, SIGTRAP:
            // The engine stops itself by one of these when the system refuses it memory.
            if peak - baseline > budget / 2 {
                return AttemptFailure(.memory, "the handler used more than \(ByteCount(bytes: budget)) of memory")
            }
            return AttemptFailure(.crash, "the isolate crashed (signal \(signal))")
        default: return AttemptFailure(.crash, "the isolate was ended by signal \(signal)")
        }
    }
}
