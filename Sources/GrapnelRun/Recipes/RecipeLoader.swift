package import GrapnelCore
package import GrapnelFormat

/// Makes a runnable version of a recipe's folder.
package struct RecipeLoader: Sendable {
    /// A program outside of a recipe's folder, whose bytes are part of the version. 256 MiB.
    private static let largestProgram = ByteCount.mebibytes(256)

    private let bundler: Bundler
    private let bundles: BundleStore?
    private let caps: RecipeLimits

    /// - Parameters:
    ///   - bundles: Where versions are kept; `nil` keeps none, as for a check or a test.
    ///   - caps: The most that a recipe's limits may be: `limits.run` of the hub.
    package init(bundler: Bundler = Bundler(), bundles: BundleStore?, caps: RecipeLimits = .greatest) {
        self.bundler = bundler
        self.bundles = bundles
        self.caps = caps
    }

    /// The version that the folder holds now. A bundle is made only when a file that goes into it has changed.
    ///
    /// - Parameter processes: Whether its handler may be a program.
    package func load(
        _ folder: RecipeFolder, processes: ProcessPolicy = ProcessPolicy()
    ) async throws(RecipeRefusal) -> DeployedRecipe {
        let above = folder.manifest.limits.above(caps)
        guard above.isEmpty else {
            throw RecipeRefusal(
                recipe: folder.name,
                problems: above.map {
                    folder.problem(
                        at: "limits",
                        "\"limits.\($0.key)\" is \($0.value); the hub allows \($0.cap) (limits.run.\($0.key) of "
                            + "grapnel.yaml)")
                })
        }
        if !folder.manifest.forwards.isEmpty {
            return try load(withoutCode: folder.manifest, canonical: folder.canonicalManifest)
        }
        if let process = folder.manifest.process { return try load(folder, process, policy: processes) }
        let source = BundleSource(
            folder: folder.path, files: folder.manifest.handlers, style: folder.manifest.style,
            shared: folder.sharedPath)
        let unchanged = bundles?.unchangedBundle(recipe: folder.name, source: source)
        do throws(BundleError) {
            let bundle =
                if let unchanged { unchanged } else {
                    try await bundler.bundle(source)
                }
            let limit = folder.manifest.limits.source
            guard bundle.script.count <= limit.bytes else {
                throw BundleError(
                    "the bundle of \(folder.manifest.handler) has \(ByteCount(bytes: bundle.script.count)); limits.source is \(limit)"
                )
            }
            let entry = BundleStore.Entry(
                script: bundle.script, sourceMap: bundle.sourceMap, manifest: folder.canonicalManifest)
            let version = entry.version
            if let bundles {
                try bundles.save(entry)
                if unchanged == nil {
                    bundles.remember(bundle, version: version, recipe: folder.name, source: source)
                }
            }
            return DeployedRecipe(
                manifest: folder.manifest, version: version, script: bundle.script, sourceMap: bundle.sourceMap)
        } catch {
            let problems = error.problems.map { problem in
                var named = problem
                if let file = problem.file { named.file = RecipeLoader.place(of: file, in: folder.name) }
                return named.file == nil ? "recipes/\(folder.name): \(named)" : named.description
            }
            throw RecipeRefusal(recipe: folder.name, problems: problems)
        }
    }

    /// The version of a recipe without code: its manifest is all there is.
    ///
    /// - Parameter canonical: The manifest as canonical JSON.
    func load(withoutCode manifest: RecipeManifest, canonical: [UInt8]) throws(RecipeRefusal) -> DeployedRecipe {
        let entry = BundleStore.Entry(script: [], sourceMap: [], manifest: canonical)
        do throws(BundleError) {
            try bundles?.save(entry)
        } catch {
            throw RecipeRefusal(recipe: manifest.name, problems: error.problems.map(\.description))
        }
        return DeployedRecipe(manifest: manifest, version: entry.version, script: [], sourceMap: [])
    }

    /// The version of a recipe whose handler is a program: its files as they are now, kept where versions are kept.
    private func load(
        _ folder: RecipeFolder, _ handler: ProcessHandler, policy: ProcessPolicy
    ) throws(RecipeRefusal) -> DeployedRecipe {
        func refusal(_ message: String) -> RecipeRefusal {
            RecipeRefusal(recipe: folder.name, problems: [folder.problem(at: "handler", message)])
        }
        if let reason = policy.refusal(of: handler) { throw refusal(reason) }
        let files: ProcessFiles
        let listing: [UInt8]
        do throws(ProcessRefusal) {
            let program = ProcessProgram(handler: handler, folder: folder.path)
            let executable = try ProcessCommand.executable(program, programs: policy.programs)
            files = try ProcessFiles(folder: folder.path)
            let isOutside = !executable.hasPrefix("\(folder.path)/") && !executable.hasPrefix("/usr/")
            listing = files.listing(program: isOutside ? try RecipeLoader.program(executable) : nil)
        } catch {
            throw refusal(error.description)
        }
        let entry = BundleStore.Entry(script: listing, sourceMap: [], manifest: folder.canonicalManifest)
        do throws(BundleError) {
            try bundles?.save(files, of: entry.version)
            try bundles?.save(entry)
        } catch {
            throw RecipeRefusal(recipe: folder.name, problems: error.problems.map(\.description))
        }
        return DeployedRecipe(
            manifest: folder.manifest, version: entry.version, script: listing, sourceMap: [],
            program: ProcessProgram(
                handler: handler, folder: bundles?.filesFolder(entry.version) ?? folder.path))
    }

    private static func program(_ path: String) throws(ProcessRefusal) -> [UInt8] {
        do throws(LocalFileError) {
            return try LocalFile.read(path, limit: largestProgram.bytes)
        } catch {
            throw ProcessRefusal("\(error); a program has \(largestProgram) at most")
        }
    }

    /// A version of an earlier deployment; `nil` when it is not kept or cannot be read any more.
    package func kept(_ version: RecipeVersion, ofRecipe name: String) -> DeployedRecipe? {
        guard let entry = bundles?.entry(version),
            // The canonical JSON of a manifest is YAML as well.
            let manifest = try? RecipeManifest.decode(
                yaml: String(decoding: entry.manifest, as: UTF8.self), name: name, file: "manifest.json")
        else { return nil }
        return DeployedRecipe(
            manifest: manifest, version: version, script: entry.script, sourceMap: entry.sourceMap,
            program: manifest.process.flatMap { handler in
                bundles.map { ProcessProgram(handler: handler, folder: $0.filesFolder(version)) }
            })
    }

    /// The path of a file in the hub's folder, of one that is relative to the recipe's.
    private static func place(of file: String, in recipe: String) -> String {
        if file.hasPrefix("/") { return file }
        return file.hasPrefix("../") ? "recipes/\(file.dropFirst(3))" : "recipes/\(recipe)/\(file)"
    }
}
