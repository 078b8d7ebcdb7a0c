import Glibc
import GrapnelCore
import GrapnelFormat
import GrapnelRun
import TestSupport
import Testing

/// What a program tries, and what it gets: each attempt is made by a real program in a real sandbox.
@Suite struct ProcessEscapeTests {
    private func failure(_ outcome: IsolateOutcome) -> AttemptFailure? {
        if case .failed(let failure) = outcome.result { failure } else { nil }
    }

    // MARK: Shell metacharacters

    @Test(arguments: [
        "; touch /tmp/grapnel-escaped", "$(touch /tmp/grapnel-escaped)", "`touch /tmp/grapnel-escaped`",
        "| touch /tmp/grapnel-escaped", "&& touch /tmp/grapnel-escaped", "> /tmp/grapnel-escaped", "a\nb", "*", "~",
        "' \" \\",
        "--upload-pack=touch /tmp/grapnel-escaped", "${IFS}", "!!", "\u{202E}",
    ])
    func `a field of an event is one argument, whatever is in it`(text: String) async throws {
        try await ProcessBench.with { bench async throws in
            let body = JSONWriter.text(["ref": .string(text)])
            for sandbox in ProcessHandler.Sandbox.allCases {
                let outcome = try await bench.start(
                    "print(json.dumps(sys.argv[1:]))", mode: .once, sandbox: sandbox,
                    arguments: ["--", "{body.ref}", "at:{body.ref}"], event: Sample.event(body: body))
                guard case .returned(.string(let shown)?) = outcome.result else {
                    throw HostedError("\(outcome.result)")
                }
                #expect(try JSONParser.parse(shown) == ["--", .string(text), .string("at:\(text)")])
            }
            #expect(access("/tmp/grapnel-escaped", F_OK) != 0)
        }
    }

    @Test func `an argument that is absent or holds a NUL fails the run`() async throws {
        try await ProcessBench.with { bench async throws in
            for body in ["{}", #"{"ref":"a\u0000b"}"#, #"{"ref":null}"#] {
                let outcome = try await bench.start(
                    "print('ran')", mode: .once, arguments: ["{body.ref}"], event: Sample.event(body: body))
                #expect(failure(outcome)?.kind == .bundle, "\(outcome.result)")
            }
        }
    }

    // MARK: The environment

    @Test(arguments: ProcessHandler.Sandbox.allCases)
    func `the environment is built from nothing`(sandbox: ProcessHandler.Sandbox) async throws {
        setenv("GRAPNEL_TEST_CANARY", "a-secret-of-the-hub", 1)
        try await ProcessBench.with { bench async throws in
            // What a vendor sends can name any variable; none of it is one.
            let event = Sample.event(
                body:
                    #"{"LD_PRELOAD":"/tmp/x.so","env":{"PYTHONPATH":"/tmp","BASH_ENV":"/tmp/x","NODE_OPTIONS":"-r x"}}"#
            )
            let outcome = try await bench.run(
                "return dict(os.environ)", sandbox: sandbox, event: event, environment: ["CHANNEL": "#triage"])
            guard case .returned(.object(let variables)?) = outcome.result else {
                throw HostedError("\(outcome.result)")
            }
            let own: Set<String> = ["CHANNEL", "LANG", "PATH", "TZ", "HOME", "TMPDIR", "PWD", "LC_CTYPE"]
            #expect(Set(variables.keys).subtracting(own).isEmpty, "\(variables.keys)")
            #expect(variables["CHANNEL"] == "#triage")
        }
    }

    @Test(arguments: [
        "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "NODE_OPTIONS", "PYTHONPATH", "PYTHONSTARTUP", "BASH_ENV", "ENV",
        "PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS", "PATH", "GIT_SSH_COMMAND", "IFS", "GCONV_PATH", "GLIBC_TUNABLES",
        "A=B", "1A", "",
    ])
    func `a variable that decides what is loaded is refused in the manifest`(name: String) {
        #expect(throws: FormatErrors.self) {
            try RecipeManifest.decode(
                yaml: "on: { source: github }\nhandler: ./handler.py\nvariables: { \"\(name)\": /tmp/x }\n", name: "r",
                file: "recipe.yaml")
        }
    }

    // MARK: The hub

    @Test func `the hub's processes and files are not there`() async throws {
        try await ProcessBench.with { bench async throws in
            let hub = getpid()
            let directory = try TemporaryDirectory("grapnel-canary")
            try #require(FileText.write("a-secret-of-the-hub", to: directory.file("key")))
            let seen = try await bench.value(
                """
                def found(path):
                    return attempt(lambda: open(path).read(16))
                texts = []
                for name in os.listdir("/proc"):
                    if name.isdigit():
                        for file in ["environ", "cmdline"]:
                            texts.append(str(attempt(lambda: open(f"/proc/{name}/{file}").read())))
                return {
                    "environ": found("/proc/\(hub)/environ"), "memory": found("/proc/\(hub)/mem"),
                    "key": found("\(directory.file("key"))"), "shadow": found("/etc/shadow"),
                    "passwd": found("/etc/passwd"),
                    "through": found("/proc/1/root\(directory.file("key"))"),
                    "canary": "a-secret-of-the-hub" in " ".join(texts),
                    "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd"))[:3],
                    "more": len(os.listdir("/proc/self/fd")) > 4,
                    "uid": os.getuid(),
                    "capabilities": [line.split()[1] for line in open("/proc/self/status") if line.startswith("Cap")],
                }
                """)
            for name in ["key", "shadow", "passwd", "through"] {
                #expect(seen?[name] == "FileNotFoundError" || seen?[name] == "PermissionError", "\(name)")
            }
            #expect(seen?["environ"] == "FileNotFoundError")
            #expect(seen?["memory"] == "FileNotFoundError")
            #expect(seen?["canary"] == false)
            #expect(seen?["descriptors"] == [0, 1, 2])
            #expect(seen?["more"] == false)
            #expect(seen?["uid"] == 65534)
            for set in seen?["capabilities"]?.array ?? ["none"] { #expect(set == "0000000000000000") }
        }
    }

    // MARK: Files

    @Test func `nothing can be written but a little in its own tmp`() async throws {
        try await ProcessBench.with(temporary: .mebibytes(1)) { bench async throws in
            let seen = try await bench.value(
                """
                def writes(path):
                    return attempt(lambda: open(path, "w").write("x"))
                os.symlink("/usr/bin", "/tmp/link")
                os.symlink("/recipe/handler.py", "/tmp/own")
                os.symlink("/", "/tmp/top")
                def fill():
                    with open("/tmp/large", "wb") as file:
                        for _ in range(64):
                            file.write(b"x" * 65536)
                return {
                    "elsewhere": [writes(path) for path in [
                        "/x", "/usr/x", "/usr/bin/x", "/recipe/x", "/recipe/handler.py", "/recipe/../x", "/dev/x",
                        "/dev/shm/x", "/tmp/link/x", "/tmp/own", "/tmp/top/x",
                        "/tmp/../x", "/var/tmp/x", "/etc/x", "/tmp/../recipe/x"]],
                    # Only opened: should that succeed, nothing of this machine has changed.
                    "settings": [attempt(lambda: os.close(os.open(path, os.O_WRONLY))) for path in [
                        "/proc/sys/kernel/core_pattern", "/proc/sys/vm/swappiness", "/proc/sysrq-trigger", "/proc/mtrr"]],
                    "tmp": writes("/tmp/x"), "full": attempt(fill),
                    "remount": subprocess.run(["mount", "-o", "remount,rw", "/usr"], capture_output=True).returncode,
                    "names": sorted(os.listdir("/")),
                }
                """)
            #expect(seen?["elsewhere"]?.array?.count == 15)
            for result in (seen?["elsewhere"]?.array ?? []) + (seen?["settings"]?.array ?? [.null]) {
                #expect(result.string?.hasSuffix("Error") == true, "\(result)")
            }
            #expect(seen?["tmp"] == 1)
            #expect(seen?["full"] == "OSError")
            #expect(seen?["remount"] != 0)
            let names = Set((seen?["names"]?.array ?? []).compactMap(\.string))
            #expect(
                names.isSubset(of: [
                    "bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "recipe", "sbin", "tmp", "usr",
                ]))
        }
    }

    @Test func `what one program leaves in its tmp another does not find`() async throws {
        try await ProcessBench.with { bench async throws in
            let body = "found = os.path.exists('/tmp/left')\nopen('/tmp/left', 'w').close()\nreturn found"
            #expect(try await bench.run(body, recipe: "one").result == .returned(false))
            #expect(try await bench.run(body, recipe: "two").result == .returned(false))
            #expect(try await bench.run(body, recipe: "one").result == .returned(true))
        }
    }

    // MARK: Staying alive

    /// Leaves a process behind in every way, each of which sleeps for so many seconds: the number that tells the
    /// processes of one test from those of another beside it.
    private static func daemons(_ seconds: Int) -> String {
        """
        def daemon(number):
            if os.fork() == 0:
                if number > 0: os.setsid()
                if number > 1 and os.fork() > 0: os._exit(0)
                for sign in range(1, 32):
                    try: signal.signal(sign, signal.SIG_IGN)
                    except OSError: pass
                if number > 2:
                    os.close(0); os.close(1); os.close(2)
                os.execv("/usr/bin/sleep", ["grapnel-daemon", "\(seconds)"])
        for number in range(4): daemon(number)
        """
    }

    @Test func `nothing that a program starts outlives it`() async throws {
        try await ProcessBench.with { bench async throws in
            let hang = try await bench.run(
                "\(Self.daemons(86_399))\ntime.sleep(600)", limits: RunLimits(wall: .milliseconds(500)))
            #expect(failure(hang)?.kind == .wall)
            let exit = try await bench.run("\(Self.daemons(86_399))\nsys.exit(3)")
            #expect(failure(exit)?.message.hasPrefix("the handler ended with status 3") == true)
            let once = try await bench.start("\(Self.daemons(86_399))\nprint('done')", mode: .once)
            #expect(once.result == .returned("done"))
            #expect(ProcessTable.count(of: ["grapnel-daemon", "86399"]) == 0)
        }
    }

    @Test func `without a sandbox what stays in the program's group ends with it`() async throws {
        try await ProcessBench.with { bench async throws in
            let group = Self.daemons(86_398).replacing("range(4)", with: "range(1)")
            let outcome = try await bench.start("\(group)\nprint('done')", mode: .once, sandbox: .none)
            #expect(outcome.result == .returned("done"))
            let hang = try await bench.run(
                "\(group)\ntime.sleep(600)", sandbox: .none, limits: RunLimits(wall: .milliseconds(500)))
            #expect(failure(hang)?.kind == .wall)
            #expect(ProcessTable.count(of: ["grapnel-daemon", "86398"]) == 0)
        }
    }

    // MARK: Bombs

    @Test func `a fork bomb is held, and ended with its run`() async throws {
        try await ProcessBench.with { bench async throws in
            let host = RecordingHost()
            let outcome = try await bench.run(
                """
                most = 0
                try:
                    while most < 1000:
                        if os.fork() == 0: time.sleep(600)
                        most += 1
                except OSError as error:
                    say(type="log", level="info", message=type(error).__name__, fields={"n": most})
                time.sleep(600)
                """, limits: RunLimits(cpu: .seconds(20), wall: .seconds(2), memory: .gibibytes(1)), host: host)
            #expect(failure(outcome)?.kind == .wall, "\(outcome.result)")
            #expect(host.log.first?.message == "BlockingIOError", "\(host.log)")
            #expect((host.log.first?.fields?["n"]?.integer ?? 1000) < 70)
            #expect(try await bench.value("return 'next'") == "next")
        }
    }

    @Test func `a bomb of descriptors is refused`() async throws {
        try await ProcessBench.with { bench async throws in
            let outcome = try await bench.run(
                """
                held = []
                try:
                    while True: held.append(os.open("/dev/null", os.O_RDONLY))
                except OSError as error:
                    count = len(held)
                    for each in held: os.close(each)
                    return [error.errno, count < 256]
                """)
            #expect(outcome.result == .returned([.integer(Int64(EMFILE)), true]))
        }
    }

    // MARK: Others

    @Test func `other programs and the hub cannot be signalled or traced`() async throws {
        try await ProcessBench.with { bench async throws in
            let other = try await bench.run("return 'alive'", recipe: "other")
            #expect(other.result == .returned("alive"))
            let seen = try await bench.value(
                """
                def strike(process):
                    try:
                        os.kill(process, 0)
                        return "hit"
                    except OSError as error:
                        return type(error).__name__
                results = {str(strike(process)) for process in [\(getpid()), \(getppid())]}
                seen = [name for name in os.listdir("/proc") if name.isdigit()]
                return {"results": sorted(results), "few": len(seen) < 6}
                """)
            #expect(seen?["results"] == ["ProcessLookupError"])
            #expect(seen?["few"] == true)
            let again = try await bench.run("return 'alive'", recipe: "other")
            #expect(!again.coldStart)
        }
    }

    @Test func `a program that kills all it can kills itself alone`() async throws {
        try await ProcessBench.with { bench async throws in
            _ = try await bench.run("return 1", recipe: "other")
            // Made only where it can hit nobody else: a sandbox that has failed must not take this machine with it.
            let outcome = try await bench.run(
                """
                if open("/proc/1/comm").read().strip() != "bwrap": return "not alone"
                os.kill(-1, signal.SIGKILL)
                os.kill(os.getpid(), signal.SIGKILL)
                """)
            #expect(failure(outcome) != nil)
            #expect(try await bench.run("return 1", recipe: "other").coldStart == false)
        }
    }

    @Test func `there is no network, not even this machine's`() async throws {
        let server = try LoopbackListener()
        try await ProcessBench.with { bench async throws in
            let seen = try await bench.value(
                """
                def reaches(family, address):
                    with socket.socket(family, socket.SOCK_STREAM) as connection:
                        connection.settimeout(2)
                        return attempt(lambda: connection.connect(address))
                def sends(address):
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
                        return attempt(lambda: connection.sendto(b"x", address))
                return {
                    "ports": [reaches(socket.AF_INET, ("127.0.0.1", port)) for port in [\(server.port), 5432, 8080, 8081]],
                    "sockets": [reaches(socket.AF_UNIX, path) for path in [
                        "\(server.socketPath)", "/var/run/docker.sock", "/run/docker.sock", "\\0\(server.abstractName)"]],
                    "outside": [sends(("192.0.2.1", 53)), reaches(socket.AF_INET, ("192.0.2.1", 80))],
                    "interfaces": [name for _, name in socket.if_nameindex()],
                }
                """)
            for group in ["ports", "sockets", "outside"] {
                for result in seen?[group]?.array ?? [.null] {
                    #expect(result.string?.hasSuffix("Error") == true, "\(group): \(result)")
                }
            }
            #expect(seen?["interfaces"] == ["lo"])
        }
        #expect(server.wasReached == false)
    }
}
