import Glibc
import GrapnelCore
import GrapnelFormat
import GrapnelQueue
import GrapnelRun
import Logging

/// The checks of `grapnel doctor`, in the order in which a person would set things right.
struct Examination: Sendable {
    /// Below this much free space the hub's disk is as good as full. 1 GiB.
    private static let leastSpace = ByteCount.gibibytes(1)
    /// Open files that a hub with its isolates and connections may need.
    private static let leastFiles: rlim_t = 4096
    /// File systems on which SQLite's locks are not to be trusted.
    private static let remote: Set<String> = ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "ceph", "glusterfs"]

    let paths: HubPaths
    let environment: [String: String]
    let client: ManagementClient

    func findings() -> AsyncStream<Finding> {
        AsyncStream { continuation in
            let work = Task {
                for finding in directory() + state() + system() { continuation.yield(finding) }
                continuation.yield(bundler())
                for finding in await processes() { continuation.yield(finding) }
                for finding in await sandbox() { continuation.yield(finding) }
                for finding in hub() { continuation.yield(finding) }
                continuation.finish()
            }
            continuation.onTermination = { _ in work.cancel() }
        }
    }

    private func directory() -> [Finding] {
        do {
            let files = try HubFiles(paths, environment: environment)
            let configuration = files.configuration
            var findings = [
                Finding(
                    "directory", .ok,
                    "\(paths.directory): \(configuration.sources.count) sources, "
                        + "\(configuration.connections.count) connections; grapnel check looks closer")
            ]
            let secrets = try HubSecrets(
                store: SecretStore(paths: paths, environment: environment), environment: environment,
                variables: files.variables)
            let names =
                configuration.sources.flatMap(\.secrets) + configuration.connections.flatMap(\.credentials.values)
            let missing = Set(names).filter { secrets.origin(of: $0) == nil }.sorted()
            findings.append(
                missing.isEmpty
                    ? Finding("secrets", .ok, "all \(Set(names).count) are set")
                    : Finding(
                        "secrets", .fail,
                        "missing: \(missing.joined(separator: ", ")). Set each: grapnel secret set <name>"))
            return findings
        } catch {
            return [Finding("directory", .fail, "\(error)")]
        }
    }

    private func state() -> [Finding] {
        do {
            try paths.makeState()
        } catch {
            return [Finding("state", .fail, "\(error)")]
        }
        var findings: [Finding] = []
        var status = stat()
        if access(paths.state, W_OK) != 0 {
            findings.append(Finding("state", .fail, "\(paths.state) cannot be written: name another by --state"))
        } else if stat(paths.state, &status) == 0, status.st_mode & 0o077 != 0 {
            findings.append(
                Finding("state", .warn, "others may read \(paths.state): chmod 700 \(paths.state)"))
        } else {
            findings.append(Finding("state", .ok, paths.state))
        }
        if let type = MountTable.fileSystem(of: paths.state), Examination.remote.contains(type) {
            findings.append(
                Finding(
                    "file system", .fail,
                    "\(paths.state) is on \(type), where SQLite's locks do not hold: use a local disk"))
        }
        guard let free = FileSystem.freeBytes(at: paths.state).map({ ByteCount(bytes: $0) }) else { return findings }
        findings.append(
            free < Examination.leastSpace
                ? Finding("disk", .warn, "only \(free) free; the hub answers 503 when the disk is full")
                : Finding("disk", .ok, "\(free.bytes >> 30) GiB free"))
        return findings
    }

    private func system() -> [Finding] {
        var findings: [Finding] = []
        if let files = OpenFiles.limit {
            findings.append(
                files.rlim_max < Examination.leastFiles
                    ? Finding("open files", .warn, "at most \(files.rlim_max): ulimit -n \(Examination.leastFiles)")
                    : Finding("open files", .ok, "at most \(files.rlim_max)"))
        }
        let external = CheckpointOwner.allowsExternal
        findings.append(
            Finding(
                "SQLite", .ok,
                "\(CheckpointOwner.libraryVersion); database_checkpoints: external "
                    + (external ? "is possible" : "needs 3.51.3 or newer")))
        // Vendors' timestamps are checked against this clock.
        let isPlausible = SystemClock().now() > Timestamp(milliseconds: 1_767_225_600_000)
        findings.append(
            isPlausible
                ? Finding("clock", .ok, SystemClock().now().description)
                : Finding("clock", .fail, "\(SystemClock().now()) is in the past: set the clock"))
        return findings
    }

    private func bundler() -> Finding {
        let folders = (environment["PATH"] ?? "/usr/bin").split(separator: ":")
        guard let folder = folders.first(where: { access("\($0)/esbuild", X_OK) == 0 }) else {
            return Finding("esbuild", .fail, "not found: apt-get install esbuild")
        }
        return Finding("esbuild", .ok, "\(folder)/esbuild")
    }

    /// Whether recipes may have programs as handlers, and which of them have nothing around them.
    private func processes() async -> [Finding] {
        guard let files = try? HubFiles(paths, environment: environment) else { return [] }
        guard files.processPolicy.isEnabled else {
            return [Finding("process handlers", .ok, "off; process_handlers: true in grapnel.yaml would allow them")]
        }
        let bare = RecipeFolder.names(inHub: paths.directory).filter { name in
            let folder = try? RecipeFolder(name: name, hubFolder: paths.directory)
            return folder?.manifest.process?.sandbox == ProcessHandler.Sandbox.none
        }
        var findings = [await bubblewrap(files.processPolicy.bubblewrap)]
        if getuid() == 0 {
            findings.append(
                Finding(
                    "process handlers", .warn,
                    "the hub would run as root, and its programs as root without capabilities: run it as another user"))
        }
        return findings
            + bare.map {
                Finding(
                    "process handlers", .warn, "recipes/\($0) has sandbox: none: its program may do what the hub may")
            }
    }

    /// Whether a program can be had in a sandbox.
    private func bubblewrap(_ path: String?) async -> Finding {
        guard let path else {
            return Finding("process handlers", .fail, "bubblewrap is not installed: apt-get install bubblewrap")
        }
        let pool = ProcessPool(
            configuration: ProcessPoolConfiguration(bubblewrap: path, programs: Executable.folder),
            clock: SystemClock(), logger: Logger(label: "grapnel.doctor") { _ in SwiftLogNoOpLogHandler() })
        let outcome = await TrialRun.execute(programIn: pool)
        if case .returned = outcome.result { return Finding("process handlers", .ok, "a program ran in \(path)") }
        return Finding(
            "process handlers", .fail,
            "\(path) could not run a program: \(outcome.result). It needs user namespaces "
                + "(kernel.unprivileged_userns_clone=1)")
    }

    private func sandbox() async -> [Finding] {
        let pool = IsolatePool(
            configuration: IsolatePoolConfiguration(executable: Hub.isolateExecutable, waiting: 1),
            clock: SystemClock(), logger: Logger(label: "grapnel.doctor") { _ in SwiftLogNoOpLogHandler() })
        let outcome: IsolateOutcome
        do {
            outcome = try await withThrowingTaskGroup(of: IsolateOutcome?.self) { group in
                group.addTask {
                    try await pool.run()
                    return nil
                }
                group.addTask { await TrialRun.execute(in: pool) }
                // A pool that cannot start throws, and the trial is called off.
                while let ended = try await group.next() {
                    guard let ended else { continue }
                    group.cancelAll()
                    return ended
                }
                throw CancellationError()
            }
        } catch {
            return [Finding("isolates", .fail, "\(error)")]
        }
        guard case .returned = outcome.result else {
            return [Finding("isolates", .fail, "a handler could not be run: \(outcome.result)")]
        }
        let refused = pool.report.refused.map(\.rawValue)
        return [
            Finding("isolates", .ok, "a handler ran"),
            refused.isEmpty
                ? Finding("sandbox", .ok, "every layer holds")
                : Finding(
                    "sandbox", .warn,
                    "without \(refused.joined(separator: ", ")): run only recipes that you trust"),
        ]
    }

    private func hub() -> [Finding] {
        if let status = try? client.get("/v1/status") {
            return [Finding("hub", .ok, "running, listens at \(status.text("listen"))")]
        }
        guard let files = try? HubFiles(paths, environment: environment) else { return [] }
        return [files.configuration.listen, files.configuration.admin].compactMap { address in
            guard address.port != 0, !PortProbe.isFree(address) else { return nil }
            return Finding(
                "port", .fail, "\(address) is taken by another program: choose another one by --listen or --admin")
        } + [Finding("hub", .ok, "not running: grapnel up")]
    }
}
