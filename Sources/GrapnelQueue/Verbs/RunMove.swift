package import GrapnelCore

/// Runs that wait and shall go on with another version than the one that recorded their effects.
package struct RunMove: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        case run(Identifier<Run>)
        /// Every run of a recipe that waits or is parked.
        case recipe(String)
    }

    package var subject: Subject
    package var version: RecipeVersion
    /// The most rows of one commit. Default 500.
    package var limit: Int

    package init(_ subject: Subject, to version: RecipeVersion, limit: Int = 500) {
        self.subject = subject
        self.version = version
        self.limit = limit
    }
}
