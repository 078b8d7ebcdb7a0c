import Glibc
package import GrapnelCore

/// Names the reason of a program's end, from what the hub asked for and what the system reports. Pure.
package enum ProcessDeath {
    /// - Parameters:
    ///   - asked: Why the hub ended it; `nil` when it did not.
    ///   - status: The wait status.
    ///   - isSandboxed: Whether it was bubblewrap that ended, which tells of a signal by a status above 128.
    ///   - wasOutOfMemory: Whether the system ended a process for want of memory.
    ///   - lastWords: The last line of its errors.
    package static func failure(
        asked: AttemptFailure?, status: Int32, isSandboxed: Bool, wasOutOfMemory: Bool, lastWords: String?
    ) -> AttemptFailure {
        if let asked { return asked }
        if wasOutOfMemory { return AttemptFailure(.memory, "the handler used up the memory of its group") }
        let words = lastWords.map { ": \($0)" } ?? ""
        var signal = status & 0x7F
        let code = status >> 8 & 0xFF
        if signal == 0, isSandboxed, code > 128, code <= 128 + 64 { signal = code - 128 }
        switch signal {
        case 0: return AttemptFailure(.exit, "the handler ended with status \(code)\(words)")
        case SIGXCPU: return AttemptFailure(.cpu, "the handler used up its processor time")
        case SIGSYS: return AttemptFailure(.syscall, "the handler made a system call that is not allowed")
        default: return AttemptFailure(.crash, "the handler was ended by signal \(signal)\(words)")
        }
    }
}
