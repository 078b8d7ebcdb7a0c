import Glibc
import GrapnelCore
import GrapnelRun
import Testing

/// Every end of a program has a name.
@Suite struct ProcessDeathTests {
    private func failure(
        _ status: Int32, isSandboxed: Bool = false, wasOutOfMemory: Bool = false, asked: AttemptFailure? = nil
    ) -> AttemptFailure {
        ProcessDeath.failure(
            asked: asked, status: status, isSandboxed: isSandboxed, wasOutOfMemory: wasOutOfMemory, lastWords: "words")
    }

    @Test(arguments: [
        (SIGSEGV, AttemptFailureKind.crash), (SIGKILL, .crash), (SIGXCPU, .cpu), (SIGSYS, .syscall), (SIGTERM, .crash),
    ])
    func `a signal says why, and bubblewrap tells of it by a status`(signal: Int32, kind: AttemptFailureKind) {
        #expect(failure(signal).kind == kind)
        #expect(failure((128 + signal) << 8, isSandboxed: true).kind == kind)
        #expect(failure((128 + signal) << 8).kind == .exit)
    }

    @Test func `an exit is named with its status and the last words`() {
        #expect(failure(3 << 8) == AttemptFailure(.exit, "the handler ended with status 3: words"))
        #expect(failure(0, isSandboxed: true).message == "the handler ended with status 0: words")
        #expect(failure(255 << 8, isSandboxed: true).kind == .exit)
    }

    @Test func `what the hub asked for counts most, and then what the system says of memory`() {
        let asked = AttemptFailure(.wall, "too late")
        #expect(failure(SIGKILL, wasOutOfMemory: true, asked: asked) == asked)
        #expect(failure(137 << 8, isSandboxed: true, wasOutOfMemory: true).kind == .memory)
    }
}
