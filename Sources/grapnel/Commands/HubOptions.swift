import ArgumentParser
import Glibc

/// Which hub a command is about.
struct HubOptions: ParsableArguments {
    @Option(name: .long, help: "The hub directory, with grapnel.yaml (GRAPNEL_DIR; default: the working directory).")
    var dir: String?

    @Option(name: .long, help: "The state directory (GRAPNEL_STATE; default: <dir>/.grapnel).")
    var state: String?

    @Option(name: .long, help: "The management API of a hub elsewhere, such as http://127.0.0.1:8081 (GRAPNEL_URL).")
    var url: String?

    @Option(name: .long, help: "Its token (GRAPNEL_TOKEN; default: api.token of the state directory).")
    var token: String?

    /// The environment of the process.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let pointer = entry.pointee {
            let text = String(cString: pointer)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }

    var paths: HubPaths { HubPaths(directory: dir, state: state, environment: HubOptions.environment) }

    var client: ManagementClient {
        let environment = HubOptions.environment
        return ManagementClient(
            paths: paths, url: url ?? environment["GRAPNEL_URL"], token: token ?? environment["GRAPNEL_TOKEN"])
    }
}
