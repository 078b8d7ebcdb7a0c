import Glibc
import GrapnelFormat

/// Where a hub's files are: the table of `docs/formats.md`.
package struct HubPaths: Sendable {
    /// The hub directory: grapnel.yaml, recipes/, connectors/, .env.
    package let directory: String
    /// The state directory, mode 0700.
    package let state: String

    /// - Parameters:
    ///   - directory: `--dir`, else `GRAPNEL_DIR`, else the working directory.
    ///   - state: `--state`, else `GRAPNEL_STATE`, else `<directory>/.grapnel`.
    package init(directory: String?, state: String?, environment: [String: String]) {
        let directory = HubPaths.absolute(directory ?? environment["GRAPNEL_DIR"] ?? ".")
        self.directory = directory
        self.state = HubPaths.absolute(state ?? environment["GRAPNEL_STATE"] ?? "\(directory)/.grapnel")
    }

    var configuration: String { "\(directory)/grapnel.yaml" }
    var recipes: String { "\(directory)/recipes" }
    var connectors: String { "\(directory)/connectors" }
    var connectorFiles: ConnectorFiles { ConnectorFiles(folder: connectors) }
    var environmentFile: String { "\(directory)/.env" }
    package var database: String { "\(state)/grapnel.db" }
    var bundles: String { "\(state)/bundles" }
    var socket: String { "\(state)/api.sock" }
    var token: String { "\(state)/api.token" }
    var sealedSecrets: String { "\(state)/secrets.sealed" }
    var hubID: String { "\(state)/hub.id" }

    /// The database as grapnel.yaml names it; the default also when that file cannot be read.
    func database(environment: [String: String]) -> String {
        (try? HubFiles(self, environment: environment))?.configuration.database ?? database
    }

    /// Makes the state directory when it is not there; it is closed to other users.
    func makeState() throws {
        try FileSystem.makeDirectory(state, mode: 0o700)
        try FileSystem.makeDirectory(bundles, mode: 0o700)
    }

    private static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let buffer = getcwd(nil, 0) else { return path }
        defer { free(buffer) }
        let working = String(cString: buffer)
        return path == "." ? working : "\(working)/\(path)"
    }
}
