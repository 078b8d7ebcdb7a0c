package import GrapnelCore
import GrapnelFormat
import Subprocess

/// Makes one script of a handler and what it imports, by Debian's `esbuild`.
package struct Bundler: Sendable {
    /// The limits of one bundle.
    package struct Limits: Sendable {
        /// How long esbuild may take. Default 20 s; 10 ms are usual.
        package var time: Duration
        /// The script. Default 4 MiB.
        package var script: ByteCount
        /// The source map, which holds the text of every file. Default 32 MiB.
        package var sourceMap: ByteCount
        /// What esbuild may say. Default 256 KiB.
        package var report: ByteCount

        package init(
            time: Duration = .seconds(20), script: ByteCount = .mebibytes(4), sourceMap: ByteCount = .mebibytes(32),
            report: ByteCount = .kibibytes(256)
        ) {
            self.time = time
            self.script = script
            self.sourceMap = sourceMap
            self.report = report
        }
    }

    /// The exit code of `env` when there is no such program.
    private static let notFound: TerminationStatus.Code = 127

    /// How esbuild ended.
    private enum Ending: Sendable {
        case exited(TerminationStatus, report: String)
        case failed(String)
        case late
    }

    private let executable: String
    private let limits: Limits
    private let clock: any HubClock

    /// - Parameters:
    ///   - executable: A path, or a name that is looked up in `PATH`. Default `esbuild`.
    ///   - clock: Times the limit.
    package init(executable: String = "esbuild", limits: Limits = Limits(), clock: any HubClock = SystemClock()) {
        self.executable = executable
        self.limits = limits
        self.clock = clock
    }

    /// The bundle of a recipe's files.
    package func bundle(_ source: BundleSource) async throws(BundleError) -> RecipeBundle {
        var bundles: [RecipeBundle] = []
        for file in source.files { bundles.append(try await bundle(file, of: source)) }
        var bundle =
            source.style == .auth0Rule
            ? RecipeBundle(pipeline: bundles) : bundles.first ?? RecipeBundle(pipeline: [])
        bundle.mark()
        return bundle
    }

    private func bundle(_ file: String, of source: BundleSource) async throws(BundleError) -> RecipeBundle {
        let output: String
        do {
            output = try LocalFile.makeTemporaryFolder()
        } catch {
            throw BundleError("no room for the bundle: \(error)")
        }
        defer { LocalFile.removeFolder(output) }
        let text: String
        do {
            text = String(
                decoding: try LocalFile.read("\(source.folder)/\(file)", limit: limits.sourceMap.bytes), as: UTF8.self)
        } catch {
            throw BundleError("\(file) cannot be read: \(error)")
        }
        let rule = source.style == .auth0Rule ? RuleSource.module(text) : nil
        try await run(file, text: text, rule: rule, of: source, output: output)
        do {
            let script = try LocalFile.read("\(output)/bundle.js", limit: limits.script.bytes)
            let map = try LocalFile.read("\(output)/bundle.js.map", limit: limits.sourceMap.bytes)
            let report = try LocalFile.read("\(output)/meta.json", limit: limits.sourceMap.bytes)
            let inputs = (try? JSONParser.parse(report))?["inputs"]?.object?.keys ?? []
            try Bundler.refuseStrangers(inputs, of: source, for: file)
            let paths = BundlePaths(folder: source.folder, output: output, shared: source.shared)
            return RecipeBundle(
                script: script, sourceMap: paths.relative(sourceMap: map, ofRule: rule == nil ? nil : file),
                inputs: Set(inputs.filter { $0 != "<stdin>" } + [file]).sorted())
        } catch {
            throw BundleError(
                "the bundle of \(file) is not what it should be: \(error). A script may have "
                    + "\(limits.script) at most")
        }
    }

    /// A bundle is given to the handler's code: nothing goes into it but the recipe's own folder, code that is shared,
    /// and packages.
    private static func refuseStrangers(
        _ inputs: [String], of source: BundleSource, for file: String
    ) throws(BundleError) {
        let recipes = LocalFile.parent(of: source.folder)
        let own = ([source.folder, source.shared].compactMap { $0 } + ModuleShelf.packagedFolders).compactMap {
            LocalFile.realPath($0).map { "\($0)/" }
        }
        // Packages of the hub's folder serve all its recipes.
        let packages = [recipes, LocalFile.parent(of: recipes)].compactMap {
            LocalFile.realPath("\($0)/node_modules").map { "\($0)/" }
        }
        for input in inputs where input != "<stdin>" {
            let path = input.hasPrefix("/") ? input : "\(source.folder)/\(input)"
            guard let real = LocalFile.realPath(path) else { continue }
            if (own + packages).contains(where: { real.hasPrefix($0) }) { continue }
            throw BundleError(
                "\(file) imports \(input), which is outside of the recipe's folder: move it there, or into recipes/_shared"
            )
        }
    }

    /// - Parameter rule: The text of a rule that was made a module, which esbuild is given in place of the file.
    private func run(
        _ file: String, text: String, rule: String?, of source: BundleSource, output: String
    ) async throws(BundleError) {
        // `env` changes the folder, because sources are named relative to it.
        var arguments = [
            "--chdir=\(source.folder)", executable, rule == nil ? file : "--sourcefile=\(file)", "--bundle",
            "--format=iife", "--global-name=__mod", "--platform=neutral", "--main-fields=main,module",
            "--target=es2022", "--charset=utf8", "--sourcemap=external", "--outfile=\(output)/bundle.js",
            "--metafile=\(output)/meta.json", "--log-level=error", "--log-limit=20", "--color=false",
            "--loader:.wasm=binary",
        ]
        arguments += ModuleShelf.arguments(folder: source.folder, text: text)
        if let shared = source.shared { arguments.append("--alias:\(RecipeFolder.sharedName)=\(shared)") }
        let ending = await ending(arguments, input: Array((rule ?? "").utf8))
        switch ending {
        case .late:
            throw BundleError("esbuild took longer than \(limits.time.text) for \(file)")
        case .failed(let message):
            throw BundleError("esbuild could not be run: \(message)")
        case .exited(let status, let report):
            if status.isSuccess { return }
            if status == .exited(Bundler.notFound) {
                throw BundleError("esbuild is not installed: apt-get install esbuild")
            }
            let problems = BundlerReport.problems(in: report, ofRule: rule == nil ? nil : file)
            guard problems.isEmpty else { throw BundleError(problems: problems) }
            throw BundleError("esbuild failed on \(file): \(report.prefix(2000))")
        }
    }

    /// Runs a program by `env`, for as long as the limit lets it.
    private func ending(_ arguments: [String], input: [UInt8]) async -> Ending {
        await withTaskGroup(of: Ending.self) { group in
            group.addTask {
                do {
                    let result = try await Subprocess.run(
                        .name("env"), arguments: Arguments(arguments), input: .array(input), output: .discarded,
                        error: .string(limit: limits.report.bytes))
                    return .exited(result.terminationStatus, report: result.standardError)
                } catch {
                    return .failed(String(describing: error))
                }
            }
            group.addTask {
                try? await clock.sleep(for: limits.time)
                return .late
            }
            // The first of the two decides; cancelling the other ends the process or the sleep.
            let first = await group.next() ?? .late
            group.cancelAll()
            return first
        }
    }
}
