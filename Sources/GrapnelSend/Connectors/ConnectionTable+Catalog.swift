import GrapnelCore
import GrapnelFormat

extension ConnectionTable: ConnectionCatalog {
    package func operations(ofConnection name: String) -> Set<String>? {
        connection(named: name).map { Set($0.connector.operations.map(\.name)) }
    }
}
