/// One step of a search for a person's value.
package struct ErasureScan: Sendable {
    package var pattern: ErasurePattern
    package var place: ErasurePlace
    /// The most rows of one kind that are looked at, requests with all that hangs on them counting as one. Default 200.
    package var limit: Int

    package init(pattern: ErasurePattern, place: ErasurePlace = .start, limit: Int = 200) {
        self.pattern = pattern
        self.place = place
        self.limit = limit
    }
}
