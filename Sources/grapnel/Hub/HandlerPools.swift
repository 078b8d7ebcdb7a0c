import GrapnelCore
import GrapnelRun
import Logging

/// Isolates and programs beside a hub, for tests and checks.
enum HandlerPools {
    /// Keeps isolates and programs for as long as `body` takes.
    static func with(bubblewrap: String?, _ body: (HandlerExecutor) async throws -> Void) async throws {
        var logger = Logger(label: "grapnel.handlers") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        let pool = IsolatePool(
            configuration: IsolatePoolConfiguration(executable: Hub.isolateExecutable, waiting: 1),
            clock: SystemClock(), logger: logger)
        let webAssembly = IsolatePool(
            configuration: IsolatePoolConfiguration(
                executable: Hub.isolateExecutable, waiting: 1, allowsWebAssembly: true, startsWhenNeeded: true),
            clock: SystemClock(), logger: logger)
        let programs = ProcessPool(
            configuration: ProcessPoolConfiguration(
                bubblewrap: bubblewrap, programs: Executable.folder),
            clock: SystemClock(), logger: logger)
        let keeping = Task { try await pool.run() }
        let keepingWebAssembly = Task { try await webAssembly.run() }
        let keepingPrograms = Task { try await programs.run() }
        let result: Result<Void, any Error>
        do {
            try await body(HandlerExecutor(isolates: pool, webAssembly: webAssembly, processes: programs))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        keeping.cancel()
        keepingWebAssembly.cancel()
        keepingPrograms.cancel()
        try await keepingPrograms.value
        try await keeping.value
        try await keepingWebAssembly.value
        try result.get()
    }
}
