import ArgumentParser
import Glibc

/// Which hub a command is about.
struct HubOptions: ParsableArguments {
    @Option(name: .long, help: "The hub directory, with grapnel.yaml (GRAPNEL_DIR; default: the working directory).")
    var dir: String?

    @Option(name: .long, help: "The state directory (GRAPNEL_STATE; default: <dir>/.grapnel).")
    var state: String?

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

    var client: ManagementClient { ManagementClient(paths: paths) }
}
