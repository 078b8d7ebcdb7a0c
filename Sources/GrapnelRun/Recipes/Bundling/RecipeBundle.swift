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
}
