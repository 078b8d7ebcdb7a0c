package import GrapnelFormat

/// The program of a recipe whose handler is no script, and where its files are.
package struct ProcessProgram: Sendable, Hashable {
    package var handler: ProcessHandler
    /// The absolute path of the recipe's files: what the program sees of the recipe, and where it starts.
    package var folder: String

    package init(handler: ProcessHandler, folder: String) {
        self.handler = handler
        self.folder = folder
    }
}
