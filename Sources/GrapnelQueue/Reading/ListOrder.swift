/// Which end a list begins at.
package enum ListOrder: Sendable, Hashable {
    /// For people who look.
    case newestFirst
    /// For what is done to one after the other in the order in which it came.
    case oldestFirst
}
