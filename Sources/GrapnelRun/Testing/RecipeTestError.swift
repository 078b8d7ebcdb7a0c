/// Why a test of a recipe could not be run at all.
package struct RecipeTestError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
