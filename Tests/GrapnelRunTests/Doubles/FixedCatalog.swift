import GrapnelCore

/// Connections that are written down.
struct FixedCatalog: ConnectionCatalog {
    var connections: [String: Set<String>]

    func operations(ofConnection name: String) -> Set<String>? { connections[name] }
}
