import GrapnelCore
import GrapnelFormat
import GrapnelIngest
import TestSupport
import Testing

/// The providers in `connectors/`, as a hub reads them.
enum ShippedProvider {
    static let names = RepositoryText.names(in: "connectors").filter { name in
        RepositoryText.names(in: "connectors/\(name)").contains("provider.yaml")
    }

    static func load(_ name: String) throws -> ProviderDefinition {
        let file = "connectors/\(name)/provider.yaml"
        return try ProviderDefinition.decode(yaml: try #require(RepositoryText.read(file)), id: name, file: file)
    }

    /// Every vector of every provider, each with the one scheme that it is of.
    static let vectors: [VectorCase] = names.flatMap { name -> [VectorCase] in
        guard let provider = try? load(name) else { return [] }
        return provider.vectors.enumerated().compactMap { index, vector in
            let scheme =
                vector.scheme.map { name in provider.verify.first { $0.name == name } } ?? provider.verify.first
            return scheme.map { VectorCase(provider: name, index: index, vector: vector, scheme: $0) }
        }
    }
}
