import ArgumentParser
import GrapnelCore
import GrapnelFormat
import GrapnelRun

/// `grapnel types`: write the types of what handlers are given, for editors and for TypeScript.
struct TypesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "types", abstract: "Write grapnel.d.ts into recipes' folders, for editors and TypeScript.",
        discussion: "The recipe's own connections and operations are typed from their JSON Schemas. A folder without "
            + "tsconfig.json and jsconfig.json is given the one that fits its handler.")

    @Argument(help: "Only these recipes. Default: all.")
    var names: [String] = []
    @OptionGroup var hub: HubOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let files = try HubFiles(hub.paths, environment: HubOptions.environment)
        let known = RecipeFolder.names(inHub: files.paths.directory)
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw ValidationError(
                "There is no recipe \(unknown) in \(files.paths.recipes); there are \(known.joined(separator: ", ")).")
        }
        var written: [String] = []
        var problems: [String] = []
        for name in names.isEmpty ? known : names {
            do {
                written += try write(RecipeFolder(name: name, hubFolder: files.paths.directory), files: files)
            } catch let refusal as RecipeRefusal {
                problems += refusal.problems
            }
        }
        if !output.printed([
            "written": .array(written.map { .string($0) }), "problems": .array(problems.map { .string($0) }),
        ]) {
            for path in written { Terminal.print(path) }
            for problem in problems { Terminal.print(problem) }
        }
        if !problems.isEmpty { throw ExitCode.failure }
    }

    /// Writes a recipe's files; the paths of those that are new or changed.
    private func write(_ folder: RecipeFolder, files: HubFiles) throws -> [String] {
        if let reason = TypesCommand.reasonAgainst(folder.manifest) {
            // Asked for by name, a recipe that cannot have types says why; among all, it is passed over.
            guard names.contains(folder.name) else { return [] }
            throw RecipeRefusal(recipe: folder.name, problems: ["\(folder.manifestFile): \(reason)"])
        }
        var problems: [String] = []
        let types = HandlerTypes(manifest: folder.manifest) { connection, name in
            let found = files.operation(name, ofConnection: connection)
            if found == nil {
                problems.append(
                    "\(folder.manifestFile): uses: there is no operation \(connection).\(name); see `grapnel check`")
            }
            return found
        }
        guard problems.isEmpty else { throw RecipeRefusal(recipe: folder.name, problems: problems) }
        var texts = [(name: HandlerTypes.fileName, text: types.declarations)]
        let hasSettings = ["tsconfig.json", "jsconfig.json"].contains { FileSystem.exists("\(folder.path)/\($0)") }
        if !hasSettings { texts.append((types.settings.fileName, types.settings.text)) }
        var written: [String] = []
        for (name, text) in texts {
            let path = "\(folder.path)/\(name)"
            let bytes = Array(text.utf8)
            if (try? FileSystem.read(path)) == bytes { continue }
            try FileSystem.write(bytes, to: path, mode: 0o644)
            written.append("recipes/\(folder.name)/\(name)")
        }
        return written
    }

    /// Why these types would be none of a recipe's handler; `nil` when they are.
    private static func reasonAgainst(_ manifest: RecipeManifest) -> String? {
        if !manifest.forwards.isEmpty { return "it forwards without a handler, and needs no types" }
        if manifest.process != nil { return "its handler is a program, which types in JavaScript do not fit" }
        guard manifest.style != .grapnel else { return nil }
        return "a handler of style \(manifest.style.rawValue) has the types of its platform, not these"
    }
}
