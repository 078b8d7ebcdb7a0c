import GrapnelCore
import GrapnelFormat

#if canImport(Glibc)
import Glibc
#endif

/// What is executed for a run: a path, an argv, an environment. There is no shell anywhere.
struct ProcessCommand: Sendable, Hashable {
    /// Where a program without slashes is looked up, and what the program itself has as `PATH`.
    static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    /// The longest argument, of what the system takes at most.
    private static let longestArgument = 128 << 10

    var path: String
    var arguments: [String]
    var environment: [String]
    /// Where it starts.
    var folder: String

    /// - Throws: Why there can be no such process: bubblewrap or the program is not there.
    init(
        _ program: ProcessProgram, job: IsolateJob, configuration: ProcessPoolConfiguration
    ) throws(ProcessRefusal) {
        let handler = program.handler
        let executable = try ProcessCommand.executable(program, programs: configuration.programs)
        let rest = try ProcessCommand.rest(handler, event: job.event)
        let isSandboxed = handler.sandbox == .bubblewrap
        // Built from nothing: neither the hub's variables nor anything of an event.
        var variables = ["LANG": "C.UTF-8", "TZ": "UTC"]
        if isSandboxed { variables.merge(["HOME": "/tmp", "TMPDIR": "/tmp"]) { _, new in new } }
        variables.merge(job.environment) { _, new in new }
        variables["PATH"] = ProcessCommand.searchPath
        environment = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        folder = program.folder
        guard isSandboxed else {
            path = executable
            arguments = [executable] + rest
            return
        }
        guard let bubblewrap = configuration.bubblewrap else { throw ProcessRefusal(ProcessPolicy.install) }
        path = bubblewrap
        let inside: String
        var outside: String?
        if executable.hasPrefix("\(program.folder)/") {
            inside = Bubblewrap.recipe + executable.dropFirst(program.folder.count)
        } else if executable.hasPrefix("/usr/") {
            inside = executable
        } else {
            outside = executable
            inside = "\(Bubblewrap.program)/\(LocalFile.name(of: executable))"
        }
        arguments =
            Bubblewrap.arguments(folder: program.folder, outside: outside, configuration: configuration) + [inside]
            + rest
    }

    /// The absolute path of the program that a recipe names.
    static func executable(_ program: ProcessProgram, programs: String) throws(ProcessRefusal) -> String {
        let name = program.handler.program
        let candidates =
            if name.hasPrefix("./") {
                ["\(program.folder)/\(name.dropFirst(2))"]
            } else if name.hasPrefix("/") {
                [name]
            } else {
                ([programs] + searchPath.split(separator: ":").map(String.init)).map { "\($0)/\(name)" }
            }
        guard let found = candidates.first(where: { LocalFile.exists($0) }) else {
            throw ProcessRefusal("there is no program \(name); looked for \(candidates.joined(separator: ", "))")
        }
        guard access(found, X_OK) == 0 else {
            throw ProcessRefusal("\(name) cannot be executed: chmod +x \(found)")
        }
        // Debian's /bin and /usr/bin are one folder.
        return found.hasPrefix("/usr/") || name.hasPrefix("./") ? found : LocalFile.resolved(found) ?? found
    }

    private static func rest(_ handler: ProcessHandler, event: Event) throws(ProcessRefusal) -> [String] {
        let scope = EventScope(event: event, body: event.body())
        var rest: [String] = []
        for template in handler.command.dropFirst() {
            let text: String?
            do throws(ExpressionError) {
                text = try template.text(in: scope, for: .text)
            } catch {
                throw ProcessRefusal("handler.command: \(error)")
            }
            guard let text else {
                throw ProcessRefusal("handler.command: the event has nothing at \(template.source)")
            }
            guard !text.utf8.contains(0), text.utf8.count <= longestArgument else {
                throw ProcessRefusal(
                    "handler.command: \(template.source) is no argument: it has a NUL or more than "
                        + "\(ByteCount(bytes: longestArgument))")
            }
            rest.append(text)
        }
        return rest
    }
}
