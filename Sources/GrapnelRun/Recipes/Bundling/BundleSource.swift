package import GrapnelFormat

/// The files that a bundle is made of.
package struct BundleSource: Sendable, Hashable {
    /// The absolute path of the recipe's folder.
    package var folder: String
    /// The handler's file; with `auth0-rule` the rules in their order. At least one, relative to the folder.
    package var files: [String]
    package var style: RecipeStyle
    /// The absolute path of `recipes/_shared`; `nil` when there is none.
    package var shared: String?

    package init(folder: String, files: [String], style: RecipeStyle = .grapnel, shared: String? = nil) {
        self.folder = folder
        self.files = files
        self.style = style
        self.shared = shared
    }

    /// What decides, beside the files' bytes, what the bundle will be.
    var fingerprint: String { "\(style.rawValue) \(files.joined(separator: " "))" }
}
