package import GrapnelCore

/// The limits of a copy that follows its hub.
package struct FollowSettings {
    /// How often the copy is brought up to date: about how far it lags. Default 1 s.
    package var every = Duration.seconds(1)
    /// How old the newest whole copy becomes before another one is made. Default 24 h.
    package var newCopyEvery = Duration.seconds(86_400)
    /// Whole copies that are kept; at least one more is there for a moment. Default 2.
    package var copies = 2
    /// How many times its own size the pieces of a copy may have, and at least `leastPieces`, before another one is made.
    /// Default 4.
    package var piecesOfCopy = 4
    /// Default 1 GiB.
    package var leastPieces = ByteCount.gibibytes(1)
    /// How much of the database is read in a second while a copy is made. Default 128 MiB.
    package var copyRate = ByteCount.mebibytes(128)
    /// How long the hub may take to say how its log goes on. Default 30 s.
    package var patience = Duration.seconds(30)
    /// How often the folder says up to when it is complete although nothing changes. Default 10 s.
    package var sayEvery = Duration.seconds(10)
    /// How long after a copy that could not be made beside an older one the next one is tried. Default 10 min.
    package var tryCopyEvery = Duration.seconds(600)
    /// How long after a copy that could not be made, when there is no older one, the next one is tried. Default 30 s.
    package var retryCopyEvery = Duration.seconds(30)

    package init() {}
}
