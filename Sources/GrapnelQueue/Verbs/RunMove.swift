package import GrapnelCore

/// Runs that wait and shall go on with another version than the one that recorded their effects.
package struct RunMove: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        case run(Identifier<Run>)
        /// Every run of a recipe that waits or is parked, from a place on.
        case recipe(String, from: Place)

        /// Every run of a recipe that waits or is parked.
        package static func recipe(_ name: String) -> Subject { .recipe(name, from: .start) }
    }

    /// How far a move of a whole recipe has come.
    package enum Place: Sendable, Hashable {
        /// Among the runs that wait for their time, behind this one.
        case waiting(until: Timestamp, Identifier<Run>?)
        /// Among the runs that are parked for one reason, behind this one.
        case parked(ParkReason, Identifier<Run>?)

        package static let start = Place.waiting(until: Timestamp(milliseconds: .min), nil)
    }

    package var subject: Subject
    package var version: RecipeVersion
    /// The most runs that one commit looks at. Default 500.
    package var limit: Int

    package init(_ subject: Subject, to version: RecipeVersion, limit: Int = 500) {
        self.subject = subject
        self.version = version
        self.limit = limit
    }
}
