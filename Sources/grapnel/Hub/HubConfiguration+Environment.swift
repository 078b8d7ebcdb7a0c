import GrapnelFormat

extension HubConfiguration {
    /// Takes what the environment says in place of the file: `GRAPNEL_LISTEN`, `GRAPNEL_ADMIN`, `GRAPNEL_PUBLIC_URL`,
    /// `GRAPNEL_EGRESS_ALLOW_PRIVATE` (separated by commas) and `GRAPNEL_CONNECTIONS_<NAME>_BASE_URL`.
    mutating func override(from environment: [String: String]) {
        if let address = environment["GRAPNEL_LISTEN"].flatMap({ ListenAddress($0) }) { listen = address }
        if let address = environment["GRAPNEL_ADMIN"].flatMap({ ListenAddress($0) }) { admin = address }
        if let url = environment["GRAPNEL_PUBLIC_URL"] { publicURL = url }
        if let list = environment["GRAPNEL_EGRESS_ALLOW_PRIVATE"] {
            allowPrivate = list.split(separator: ",").map { String($0.filter { $0 != " " }) }
        }
        for index in connections.indices {
            let name = connections[index].name.uppercased().replacing("-", with: "_")
            if let url = environment["GRAPNEL_CONNECTIONS_\(name)_BASE_URL"] { connections[index].baseURL = url }
        }
    }
}
