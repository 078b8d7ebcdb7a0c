import GrapnelCore
import GrapnelCrypto

/// Who may use the management API over TCP: who knows the token, and says the address that it listens at.
struct ManagementAccess: Sendable {
    /// What a request lacks.
    enum Refusal: Sendable, Hashable {
        /// No token, or another one.
        case token
        /// A name in `Host` that a page of another site could have pointed at this address (DNS rebinding).
        case host
    }

    let token: String
    /// Hosts that may stand in `Host`; `nil` when the address is open to other machines, whose names are unknown.
    let hosts: Set<String>?

    init(token: String, address: String) {
        self.token = token
        let isLocal = address == "localhost" || address == "::1" || address.hasPrefix("127.")
        hosts = isLocal ? ["localhost", "127.0.0.1", "[::1]", address] : nil
    }

    /// Why a request is refused; `nil` when it is not.
    func refusal(host: String?, authorization: String?) -> Refusal? {
        if let hosts {
            guard let host, hosts.contains(ManagementAccess.name(of: host)) else { return .host }
        }
        let given = Array((authorization ?? "").utf8)
        return ConstantTime.isEqual(given, Array("Bearer \(token)".utf8)) ? nil : .token
    }

    /// A `Host` without its port.
    private static func name(of host: String) -> String {
        guard let colon = host.lastIndex(of: ":"), host[host.index(after: colon)...].allSatisfy(\.isNumber),
            host.hasPrefix("[") || !host[..<colon].contains(":")
        else { return host.lowercased() }
        return host[..<colon].lowercased()
    }
}
