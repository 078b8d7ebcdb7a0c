/// Why the hub did not do what a command asked.
struct ManagementError: Error, CustomStringConvertible {
    /// The hub's HTTP status; `nil` when no hub answered.
    let status: Int?
    let description: String

    static func notRunning(_ paths: HubPaths) -> ManagementError {
        ManagementError(
            status: nil,
            description: "no hub is running for \(paths.directory) (nothing answers at \(paths.socket)).\n"
                + "Start it with: grapnel up --dir \(paths.directory)")
    }
}
