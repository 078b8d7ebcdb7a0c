/// Says which connections and operations there are. Run asks when it loads recipes; Send implements it from the
/// configuration and its connectors.
package protocol ConnectionCatalog: Sendable {
    /// The operations of the connection of this name; `nil` when there is no such connection.
    func operations(ofConnection name: String) -> Set<String>?
}
