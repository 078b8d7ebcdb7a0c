/// What esbuild wrote to standard error, read.
package enum BundlerReport {
    /// The errors in esbuild's text:
    /// ```
    /// ✘ [ERROR] Could not resolve "fs"
    ///
    ///     handler.js:1:15:
    ///       1 │ import fs from "fs"
    ///         ╵                ~~~~
    ///
    ///   The package "fs" wasn't found …
    /// ```
    ///
    /// - Parameter rule: The file that was given with `RuleSource.prefix` on its first line.
    package static func problems(in text: String, ofRule rule: String? = nil) -> [BundleProblem] {
        var problems: [BundleProblem] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            if let message = line.firstRange(of: "[ERROR] ") {
                problems.append(
                    BundleProblem(
                        file: nil, line: nil, column: nil, message: explained(line[message.upperBound...]),
                        source: nil))
                continue
            }
            guard var problem = problems.last else { continue }
            if problem.file == nil, let place = place(in: line) {
                let shift = place.file == rule && place.line == 1 ? RuleSource.prefix.utf8.count : 0
                problem.file = place.file
                problem.line = place.line
                problem.column = max(1, place.column - shift)
            } else if problem.source == nil, problem.file != nil, let bar = line.firstIndex(of: "│") {
                var source = line[line.index(after: bar)...].drop { $0 == " " || $0 == "\t" }
                if problem.file == rule, problem.line == 1, source.hasPrefix(RuleSource.prefix) {
                    source = source.dropFirst(RuleSource.prefix.count)
                }
                problem.source = String(source)
            } else {
                continue
            }
            problems[problems.count - 1] = problem
        }
        return problems
    }

    /// `    handler.js:1:15:`, whose column starts at 0.
    private static func place(in line: Substring) -> (file: String, line: Int, column: Int)? {
        guard line.hasPrefix("    "), line.hasSuffix(":") else { return nil }
        let parts = line.dropFirst(4).dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3, let number = Int(parts[parts.count - 2]), let column = Int(parts[parts.count - 1])
        else { return nil }
        return (parts.dropLast(2).joined(separator: ":"), number, column + 1)
    }

    /// The message, with what to do about the two mistakes that a newcomer makes.
    private static func explained(_ message: Substring) -> String {
        let start = "Could not resolve \""
        guard message.hasPrefix(start), message.hasSuffix("\"") || message.hasSuffix("\")") else {
            return String(message)
        }
        // A name that was led elsewhere stands at the end: `… (originally "_shared/x")`.
        let module =
            message.firstRange(of: "(originally \"").map { message[$0.upperBound...].dropLast(2) }
            ?? message.dropFirst(start.count).dropLast()
        let problem = "\(start)\(module)\""
        let package = module.split(separator: "/").first ?? module
        if module.hasPrefix("node:") || nodeModules.contains(package) {
            return "\(problem): an isolate has no files, sockets or processes, and so not this module of Node; it has "
                + ModuleShelf.builtIn.joined(separator: ", ")
        }
        if module.hasPrefix(".") || module.hasPrefix("/") || package == RecipeFolder.sharedName {
            return "\(problem): there is no such file"
        }
        let isPackaged = ModuleShelf.packaged.contains { package == $0 }
        return "\(problem): install the package in the recipe's folder (npm install \(module))"
            + (isPackaged ? ", or for the whole machine (apt-get install node-\(package))" : ", or correct its name")
    }

    /// The built-in modules of node (https://nodejs.org/api/).
    private static let nodeModules: Set<Substring> = [
        "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
        "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module", "net",
        "os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream",
        "string_decoder", "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi",
        "worker_threads", "zlib",
    ]
}
