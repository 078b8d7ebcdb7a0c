import GrapnelCore

/// The secrets of a hub, by name: the sealed store, then the environment, then `.env`.
struct HubSecrets: SecretReading {
    private let sealed: [String: [UInt8]]
    private let environment: [String: String]
    private let variables: [String: String]

    init(store: SecretStore, environment: [String: String], variables: [String: String]) throws {
        sealed = try store.values()
        self.environment = environment
        self.variables = variables
    }

    /// Where a secret is; `nil` when there is none of this name.
    func origin(of name: String) -> String? {
        if sealed[name] != nil { return "sealed" }
        if environment[name] != nil { return "environment" }
        return variables[name].map { _ in ".env" }
    }

    func secret(named name: String) -> [UInt8]? {
        sealed[name] ?? (environment[name] ?? variables[name]).map { Array($0.utf8) }
    }
}
