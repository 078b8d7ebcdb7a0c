package import GrapnelCore
package import GrapnelFormat

/// A folder of `recipes/` as a user wrote it: its manifest, read and checked; the handler is not bundled yet.
package struct RecipeFolder: Sendable {
    /// The largest recipe.yaml or test. 1 MiB.
    static let largestFile = ByteCount.mebibytes(1)

    /// The folder of `recipes/` that is no recipe, and whose code every recipe can import.
    static let sharedName = "_shared"

    package let name: String
    /// The absolute path.
    package let path: String
    /// The absolute path of the hub's `recipes/_shared`; `nil` when there is none.
    let sharedPath: String?
    package let manifest: RecipeManifest
    /// The manifest as canonical JSON: what a version is made of.
    let canonicalManifest: [UInt8]
    /// Where `on:` and `uses:` stand in recipe.yaml, for later checks.
    private let positions: [String: SourcePosition]

    /// The name of the manifest in messages.
    package var manifestFile: String { "recipes/\(name)/recipe.yaml" }

    /// The names of the recipes' folders in `<hub>/recipes`, sorted.
    package static func names(inHub hubFolder: String) -> [String] {
        let recipes = "\(hubFolder)/recipes"
        return ((try? LocalFile.names(in: recipes)) ?? []).filter { name in
            name != sharedName && LocalFile.isFolder("\(recipes)/\(name)")
        }
    }

    /// Reads a recipe's folder.
    ///
    /// - Parameters:
    ///   - name: The name of the folder in `<hub>/recipes`.
    ///   - hubFolder: The hub's folder.
    package init(name: String, hubFolder: String) throws(RecipeRefusal) {
        self.name = name
        let file = "recipes/\(name)/recipe.yaml"
        guard RecipeFolder.isName(name) else {
            throw RecipeRefusal(
                recipe: name,
                problems: ["recipes/\(name): a recipe's name has the letters a-z, digits and - only; rename the folder"]
            )
        }
        guard let path = LocalFile.resolved("\(hubFolder)/recipes/\(name)") else {
            throw RecipeRefusal(recipe: name, problems: ["recipes/\(name): there is no such folder"])
        }
        self.path = path
        sharedPath = LocalFile.resolved("\(hubFolder)/recipes/\(RecipeFolder.sharedName)")
        do {
            let bytes = try LocalFile.read("\(path)/recipe.yaml", limit: RecipeFolder.largestFile.bytes)
            let text = String(decoding: bytes, as: UTF8.self)
            manifest = try RecipeManifest.decode(yaml: text, name: name, file: file)
            let root = try YAMLDocument.parse(text, file: file)
            canonicalManifest = JSONWriter.bytes(root.json, style: .canonical)
            positions = ["on", "uses", "handler", "forward", "on_failure", "reply"].reduce(into: [:]) {
                $0[$1] = root[$1]?.position
            }
        } catch let errors as FormatErrors {
            throw RecipeRefusal(recipe: name, problems: errors.errors.map(\.description))
        } catch let error as LocalFileError where error.isAbsence {
            throw RecipeRefusal(
                recipe: name, problems: ["\(file): missing; a recipe needs one (or move the folder out of recipes/)"])
        } catch {
            throw RecipeRefusal(recipe: name, problems: ["\(file): cannot be read: \(error)"])
        }
    }

    /// What the manifest names and the hub does not have.
    ///
    /// - Parameters:
    ///   - sources: The names of the hub's sources.
    ///   - catalog: The hub's connections.
    package func problems(sources: Set<String>, catalog: any ConnectionCatalog) -> [String] {
        var problems: [String] = []
        for source in Set(manifest.triggers.map(\.source)).subtracting(sources).sorted()
        where source != Event.hubSource && Event.recipe(ofSource: source) == nil {
            problems.append(
                problem(
                    at: "on",
                    "there is no source \"\(source)\"; "
                        + RecipeFolder.listing("sources of grapnel.yaml", sources)))
        }
        for (connection, operations) in manifest.uses.sorted(by: { $0.key < $1.key }) {
            let key = manifest.forwards.contains { $0.connection == connection } ? "forward" : "uses"
            guard let known = catalog.operations(ofConnection: connection) else {
                problems.append(
                    problem(
                        at: key,
                        "there is no connection \"\(connection)\"; add it under connections: in grapnel.yaml"))
                continue
            }
            for operation in Set(operations).subtracting(known).sorted() {
                problems.append(
                    problem(
                        at: key,
                        "the connection \(connection) has no operation \"\(operation)\"; "
                            + RecipeFolder.listing("its operations", known)))
            }
        }
        if let rule = manifest.onFailure {
            let known = catalog.operations(ofConnection: rule.connection)
            if known?.contains(rule.operation) != true {
                problems.append(
                    problem(
                        at: "on_failure",
                        "there is no operation \(rule.connection).\(rule.operation); "
                            + RecipeFolder.listing("operations of \(rule.connection)", known ?? [])))
            }
        }
        for file in absentHandlers {
            problems.append(problem(at: "handler", "there is no file \(file) in recipes/\(name)"))
        }
        return problems
    }

    /// What is worth a look, and no reason to refuse the recipe: the recipe whose events it wants may come later.
    ///
    /// - Parameter recipes: The names of the hub's recipes.
    package func warnings(recipes: [String]) -> [String] {
        Set(manifest.triggers.map(\.source)).sorted().compactMap { source in
            guard let recipe = Event.recipe(ofSource: source), !recipes.contains(recipe) else { return nil }
            return problem(
                at: "on",
                "there is no recipe \"\(recipe)\" to emit the events of \"\(source)\"; "
                    + RecipeFolder.listing("recipes", Set(recipes)))
        }
    }

    /// The files of `handler:` that are not there.
    var absentHandlers: [String] { manifest.handlers.filter { !$0.isEmpty && !LocalFile.exists("\(path)/\($0)") } }

    /// The message with the file and the line of a key.
    func problem(at key: String, _ message: String) -> String {
        FormatError(file: manifestFile, position: positions[key], message: message).description
    }

    private static func listing(_ what: String, _ names: Set<String>) -> String {
        names.isEmpty ? "\(what): none" : "\(what): \(names.sorted().prefix(20).joined(separator: ", "))"
    }

    private static func isName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isPlain && !name.isEmpty && name.utf8.count <= 64
    }
}
