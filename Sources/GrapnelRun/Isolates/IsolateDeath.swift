import CSandbox
import Glibc
package import GrapnelCore

/// Names the reason of an isolate's end, from what the hub asked for and what the system reports. Pure.
package enum IsolateDeath {
    /// - Parameters:
    ///   - asked: Why the hub killed it; `nil` when it did not.
    ///   - status: The wait status.
    ///   - call: The number of the system call that it was refused, when it said so.
    ///   - peak: The most that it held resident, in bytes.
    ///   - baseline: What it held when it was ready, in bytes.
    ///   - budget: What it was allowed beyond that, in bytes.
    package static func failure(
        asked: AttemptFailure?, status: Int32, call: UInt32? = nil, peak: Int, baseline: Int, budget: Int
    ) -> AttemptFailure {
        if let asked { return asked }
        let signal = status & 0x7F
        guard signal != 0 else {
            let code = status >> 8 & 0xFF
            switch UInt32(code) {
            case GRAPNEL_EXIT_CPU.rawValue: return AttemptFailure(.cpu, "the handler used up its processor time")
            case GRAPNEL_EXIT_SYSCALL.rawValue: return forbidden(call)
            default: return AttemptFailure(.exit, "the isolate ended with status \(code)")
            }
        }
        switch signal {
        case SIGKILL:
            return AttemptFailure(.memory, "the system killed the isolate; it does so when memory runs out")
        case SIGSYS: return forbidden(call)
        case SIGILL, SIGSEGV, SIGABRT, SIGBUS, SIGTRAP:
            // The engine stops itself by one of these when the system refuses it memory.
            if peak - baseline > budget / 2 {
                return AttemptFailure(.memory, "the handler used more than \(ByteCount(bytes: budget)) of memory")
            }
            return AttemptFailure(.crash, "the isolate crashed (signal \(signal))")
        default: return AttemptFailure(.crash, "the isolate was ended by signal \(signal)")
        }
    }

    private static func forbidden(_ call: UInt32?) -> AttemptFailure {
        let name = call.flatMap { SystemCall.name(Int32(bitPattern: $0)) }.map { " \($0)" } ?? ""
        return AttemptFailure(.syscall, "the isolate made the system call\(name), which is not allowed")
    }
}
