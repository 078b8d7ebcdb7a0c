/// What a step of moving runs to another version did.
package struct RunMoveReport: Sendable, Hashable {
    /// Runs that have another version now.
    package var count: Int
    /// Where the next step goes on; `nil` at the end.
    package var next: RunMove.Place?

    package init(count: Int, next: RunMove.Place?) {
        self.count = count
        self.next = next
    }
}
