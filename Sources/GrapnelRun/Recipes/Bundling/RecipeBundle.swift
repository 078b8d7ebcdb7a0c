import GrapnelCore

/// A handler and everything it imports in one script.
package struct RecipeBundle: Sendable, Hashable {
    /// A script that leaves its exports in the variable `__mod`.
    package var script: [UInt8]
    /// The source map of the script as JSON text; its sources are relative to the recipe's folder.
    package var sourceMap: [UInt8]
    /// The files that went into it, relative to the recipe's folder.
    package var inputs: [String]

    package init(script: [UInt8], sourceMap: [UInt8], inputs: [String]) {
        self.script = script
        self.sourceMap = sourceMap
        self.inputs = inputs
    }

    /// What stands at the end of a script that imports WebAssembly: its isolates are of another kind.
    private static let webAssemblyMark = Array("\n//# grapnel: WebAssembly\n".utf8)

    /// Marks the script when a module of WebAssembly went into it.
    mutating func mark() {
        if inputs.contains(where: { $0.hasSuffix(".wasm") }) { script += RecipeBundle.webAssemblyMark }
    }

    /// Whether a script was marked.
    static func usesWebAssembly(_ script: [UInt8]) -> Bool {
        script.suffix(webAssemblyMark.count).elementsEqual(webAssemblyMark)
    }

    /// The exports of several bundles as an array in their order, each in a scope of its own.
    init(pipeline bundles: [RecipeBundle]) {
        var script: [UInt8] = Array("var __rules = [];\n".utf8)
        var sections: [JSON] = []
        var line = 1
        for bundle in bundles {
            if let map = try? JSONParser.parse(bundle.sourceMap) {
                sections.append(["offset": ["line": .integer(Int64(line)), "column": 0], "map": map])
            }
            let part = bundle.script + Array("\n__rules.push(__mod);\n".utf8)
            line += part.count { $0 == UInt8(ascii: "\n") }
            script += part
        }
        script += Array("__mod = __rules;\n".utf8)
        self.init(
            script: script, sourceMap: JSONWriter.bytes(["version": 3, "sections": .array(sections)]),
            inputs: Set(bundles.flatMap(\.inputs)).sorted())
    }
}
