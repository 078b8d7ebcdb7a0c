import GrapnelFormat

extension HubConfiguration {
    /// Takes what the environment says in place of the file: `GRAPNEL_LISTEN`, `GRAPNEL_ADMIN`, `GRAPNEL_PUBLIC_URL`,
    /// `GRAPNEL_EGRESS_ALLOW_PRIVATE` (separated by commas) and `GRAPNEL_CONNECTIONS_<NAME>_BASE_URL`.
    ///
    /// - Throws: `FormatErrors` that name the variables whose values are of no use.
    mutating func override(from environment: [String: String]) throws(FormatErrors) {
        var errors: [FormatError] = []
        func take<Value>(_ name: String, _ wanted: String, _ parse: (String) -> Value?) -> Value? {
            guard let text = environment[name] else { return nil }
            let value = parse(text)
            if value == nil {
                errors.append(FormatError(file: name, position: nil, message: "\"\(text)\" is not \(wanted)"))
            }
            return value
        }
        let address = "a host and a port, such as 127.0.0.1:8080"
        if let value = take("GRAPNEL_LISTEN", address, { ListenAddress($0) }) { listen = value }
        if let value = take("GRAPNEL_ADMIN", address, { ListenAddress($0) }) { admin = value }
        let url = "a URL such as https://hub.example.com"
        if let value = take("GRAPNEL_PUBLIC_URL", url, { HubConfiguration.webURL($0) }) { publicURL = value }
        if let list = environment["GRAPNEL_EGRESS_ALLOW_PRIVATE"] {
            allowPrivate = list.split(separator: ",").map { String($0.filter { $0 != " " }) }
        }
        for index in connections.indices {
            let name = "GRAPNEL_CONNECTIONS_\(connections[index].name.uppercased().replacing("-", with: "_"))_BASE_URL"
            if let value = take(name, url, { HubConfiguration.webURL($0) }) { connections[index].baseURL = value }
        }
        guard errors.isEmpty else { throw FormatErrors(errors) }
    }
}
