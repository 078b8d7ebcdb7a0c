import CSandbox
import Glibc
import GrapnelCore

/// One started program, as the hub sees it. Owned by its worker's thread.
final class ProcessChild {
    private let process: pid_t
    private let isSandboxed: Bool
    private let group: ControlGroup?
    let input: Int32
    let output: Int32
    let errors: Int32
    /// Readable when the process has ended.
    let ended: Int32
    /// Of these two, what the program has closed: it would be ready for ever.
    private var closed: Set<Int32> = []
    private var outbox: [UInt8] = []
    private var written = 0
    private var isInputOpen = true
    /// Whether everything that is to be written has been said.
    private var closesInput = false

    /// Starts a program.
    init(
        _ command: ProcessCommand, isSandboxed: Bool, cpu: Duration?, memory: Int,
        configuration: ProcessPoolConfiguration
    ) throws(ProcessRefusal) {
        self.isSandboxed = isSandboxed
        // Room for what bubblewrap itself is.
        group = ControlGroup.make(memory: memory + (16 << 20), processes: configuration.processes + 4)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.arguments.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = command.environment.map { strdup($0) } + [nil]
        let entries = group?.entries() ?? []
        defer {
            for pointer in arguments + environment { free(pointer) }
            for entry in entries where entry >= 0 { close(entry) }
        }
        var started = grapnel_started()
        let error = command.path.withCString { path in
            command.folder.withCString { folder in
                arguments.withUnsafeMutableBufferPointer { arguments in
                    environment.withUnsafeMutableBufferPointer { environment in
                        var program = grapnel_program()
                        program.path = path
                        program.folder = folder
                        program.arguments = UnsafePointer(arguments.baseAddress)
                        program.environment = UnsafePointer(environment.baseAddress)
                        // What the hub counts itself comes first; this ends a process that the hub cannot see.
                        program.cpu_seconds = cpu.map { UInt64(clamping: $0.milliseconds / 1000 + 2) } ?? 0
                        program.data = UInt64(clamping: memory + configuration.reserve.bytes)
                        program.files = UInt64(clamping: configuration.files)
                        program.file_size = isSandboxed ? UInt64(clamping: configuration.temporary.bytes) : UInt64.max
                        program.spare = UInt64(clamping: configuration.spareFiles)
                        program.groups = (entries.first ?? -1, entries.dropFirst().first ?? -1)
                        return grapnel_start_program(&program, &started)
                    }
                }
            }
        }
        (process, input, output) = (started.process, started.input, started.output)
        (errors, ended) = (started.errors, started.ended)
        guard error == 0 else {
            group?.remove()
            throw ProcessRefusal(
                "\(command.path) cannot be started: \(String(cString: strerror(error)))", code: error)
        }
    }

    /// What it and everything below it use now.
    var usage: ProcessUsage { ProcessUsage(below: process) }

    /// Whether the system ended one of its processes for want of memory.
    var wasOutOfMemory: Bool { group?.wasOutOfMemory ?? false }

    /// The descriptor to wait for until it takes bytes; -1 when nothing is to be written.
    var writable: Int32 { isInputOpen && written < outbox.count ? input : -1 }

    /// Says something; with `isLast` its input ends after it.
    func say(_ bytes: [UInt8], isLast: Bool = false) {
        outbox += bytes
        closesInput = isLast
        flush()
    }

    /// Writes what the pipe takes; what it does not waits. A program that no longer reads is no error by itself.
    func flush() {
        while isInputOpen, written < outbox.count {
            let count = outbox.withUnsafeBytes { bytes in
                write(input, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return closeInput() }
            written += count
        }
        outbox.removeAll(keepingCapacity: true)
        written = 0
        if closesInput { closeInput() }
    }

    private func closeInput() {
        guard isInputOpen else { return }
        isInputOpen = false
        outbox = []
        written = 0
        close(input)
    }

    /// Reads what is there into `buffer`; `nil` at the end of the stream, 0 when there is nothing now.
    func read(_ descriptor: Int32, into buffer: inout [UInt8]) -> Int? {
        let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? 0 : nil }
        if count == 0 { closed.insert(descriptor) }
        return count > 0 ? count : nil
    }

    /// What to wait for in place of a descriptor: nothing when the program has closed it.
    func waitable(_ descriptor: Int32) -> Int32 { closed.contains(descriptor) ? -1 : descriptor }

    /// The wait status when it has ended. It is not waited for yet: until `end` its number is its own.
    var endStatus: Int32? {
        var status: Int32 = 0
        return grapnel_has_ended(process, &status) ? status : nil
    }

    /// Ends it and everything that it started, and waits for that.
    ///
    /// A sandbox's processes die with its first one. Without a sandbox the session's own group ends, and where there is
    /// a control group everything in it.
    ///
    /// - Parameter within: How long the end of the last of them is waited for.
    func end(within: Duration, clock: any HubClock) {
        // The numbers are still this process's and its group's own, because nobody has waited for it.
        kill(-process, SIGKILL)
        kill(process, SIGKILL)
        group?.kill()
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        closeInput()
        awaitSilence(until: clock.monotonic() + within, clock: clock)
        group?.remove()
        close(output)
        close(errors)
        if ended >= 0 { close(ended) }
    }

    /// Until the last process that holds a pipe is gone.
    private func awaitSilence(until deadline: Duration, clock: any HubClock) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var open = [output, errors]
        while !open.isEmpty || group?.isEmpty == false {
            let left = deadline - clock.monotonic()
            guard left > .zero else { return }
            _ = grapnel_wait(open, Int32(open.count), -1, open.isEmpty ? 1 : Int32(clamping: left.milliseconds + 1))
            open.removeAll { read($0, into: &buffer) == nil }
            if group?.isEmpty == false { group?.kill() }
        }
    }
}
