import Glibc
import GrapnelCore
import GrapnelRun
import Testing

/// Every end of an isolate has a name.
@Suite struct IsolateDeathTests {
    private static let mebibyte = 1 << 20

    @Test(arguments: [
        (SIGKILL, 10, AttemptFailureKind.memory), (SIGSYS, 10, .syscall), (SIGSEGV, 10, .crash), (SIGABRT, 10, .crash),
        (SIGILL, 60, .memory), (SIGSEGV, 100, .memory), (SIGTERM, 10, .crash),
    ])
    func `a signal says why`(signal: Int32, peak: Int, kind: AttemptFailureKind) {
        let failure = IsolateDeath.failure(
            asked: nil, status: signal, peak: peak * Self.mebibyte, baseline: 8 * Self.mebibyte,
            budget: 64 * Self.mebibyte)
        #expect(failure.kind == kind)
    }

    @Test func `an exit is named with its status`() {
        let failure = IsolateDeath.failure(asked: nil, status: 3 << 8, peak: 0, baseline: 0, budget: 1)
        #expect(failure.kind == .exit)
        #expect(failure.message.contains("3"))
    }

    @Test func `used up processor time and a forbidden call are exits of their own`() {
        let time = IsolateDeath.failure(asked: nil, status: 152 << 8, peak: 0, baseline: 0, budget: 1)
        #expect(time.kind == .cpu)
        let call = IsolateDeath.failure(asked: nil, status: 159 << 8, call: 41, peak: 0, baseline: 0, budget: 1)
        #expect(call.kind == .syscall)
        #expect(call.message.hasPrefix("the isolate made the system call ") && !call.message.contains(" ,"))
        let unsaid = IsolateDeath.failure(asked: nil, status: SIGSYS, peak: 0, baseline: 0, budget: 1)
        #expect(unsaid.kind == .syscall)
    }

    @Test func `what the hub killed it for counts most`() {
        let asked = AttemptFailure(.wall, "too late")
        #expect(IsolateDeath.failure(asked: asked, status: SIGSYS, peak: 0, baseline: 0, budget: 1) == asked)
    }
}
