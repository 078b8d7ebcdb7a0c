import GrapnelCore
import GrapnelFormat
import GrapnelRun

/// What a hub directory holds, read and checked: the configuration, the vendors and the variables of `.env`.
struct HubFiles {
    let paths: HubPaths
    let configuration: HubConfiguration
    let providers: [ProviderDefinition]
    let connectors: [String: ConnectorDefinition]
    let variables: [String: String]
    /// Whether recipes may have programs as handlers, and with what around them.
    let processPolicy: ProcessPolicy
    /// grapnel.yaml as it stands, for the places of its keys.
    private let document: YAMLNode?

    /// Reads everything; all mistakes of all files are in one error.
    init(_ paths: HubPaths, environment: [String: String]) throws {
        guard FileSystem.exists(paths.configuration) else {
            throw FormatErrors(
                FormatError(
                    file: paths.configuration, position: nil, message: "there is no such file",
                    hint: "name the hub directory by --dir, or write one: see docs/formats.md"))
        }
        self.paths = paths
        var errors: [FormatError] = []
        @discardableResult func attempt<Value>(_ make: () throws -> Value) -> Value? {
            do {
                return try make()
            } catch let found as FormatErrors {
                errors += found.errors
            } catch {
                errors.append(FormatError(file: paths.directory, position: nil, message: "\(error)"))
            }
            return nil
        }
        document = attempt {
            try YAMLDocument.parse(try FileSystem.readText(paths.configuration), file: "grapnel.yaml")
        }
        let root = document
        var hub = attempt { try root.map { try HubConfiguration.decode($0, file: "grapnel.yaml") } } ?? nil
        var providers: [ProviderDefinition] = []
        var connectors: [String: ConnectorDefinition] = [:]
        let files = paths.connectorFiles
        for name in files.vendors {
            if let text = attempt({ try files.text("provider.yaml", of: name) }) ?? nil {
                let provider = attempt {
                    try ProviderDefinition.decode(
                        yaml: text, id: name, file: files.place(of: "provider.yaml", of: name))
                }
                if let provider { providers.append(provider) }
            }
            if let text = attempt({ try files.text("connector.yaml", of: name) }) ?? nil {
                connectors[name] = attempt {
                    try ConnectorDefinition.decode(
                        yaml: text, id: name, file: files.place(of: "connector.yaml", of: name))
                }
            }
        }
        variables =
            FileSystem.exists(paths.environmentFile)
            ? attempt {
                try EnvironmentFile.parse(try FileSystem.readText(paths.environmentFile), file: ".env")
            } ?? [:] : [:]
        attempt { try hub?.override(from: environment) }
        guard errors.isEmpty, let hub else { throw FormatErrors(errors) }
        configuration = hub
        processPolicy = ProcessPolicy(
            isEnabled: hub.processHandlers, bubblewrap: Bubblewrap.find(in: environment["PATH"] ?? "/usr/bin:/bin"),
            programs: Executable.folder)
        self.providers = providers
        self.connectors = connectors
    }

    /// The operation of a connection; `nil` when there is none.
    func operation(_ name: String, ofConnection connection: String) -> OperationDefinition? {
        configuration.connections.first { $0.name == connection }
            .flatMap { connectors[$0.connector]?.operation(name) }
    }

    /// Where a key of grapnel.yaml stands, such as `limits.isolates`; `nil` when it is not written there.
    func position(of key: String) -> SourcePosition? {
        var node = document
        for part in key.split(separator: ".") { node = node?[String(part)] }
        return node?.position
    }

    /// A mistake in grapnel.yaml that showed only when its parts were put together.
    func mistake(in key: String, _ message: String, hint: String? = nil) -> FormatError {
        FormatError(file: "grapnel.yaml", position: position(of: key), message: "\(key): \(message)", hint: hint)
    }
}
