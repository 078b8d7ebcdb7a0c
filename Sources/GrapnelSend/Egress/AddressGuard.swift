/// Decides whether an address may be dialled. Pure; asked with the very socket address that is about to be dialled.
package struct AddressGuard: Sendable, Hashable {
    /// An entry of `egress.allow_private`.
    package enum Allowance: Sendable, Hashable {
        /// A host by name, lower case; on one port, or on all when `nil`.
        case host(String, port: UInt16?)
        /// A block of addresses, on every port.
        case range(AddressRange)

        /// The entry that `text` spells: `localhost:3000`, `app.internal`, `10.0.0.0/8`, `[fd00::1]:8080`, `fd00::/8`.
        package init?(_ text: String) {
            if let range = AddressRange(text) {
                self = .range(range)
                return
            }
            guard let url = try? EgressURL("http://\(text)"), url.pathAndQuery == "/" else { return nil }
            let hasPort = text.utf8.last.map { $0 != UInt8(ascii: "]") } == true && text.hasSuffix(":\(url.port)")
            self = .host(url.host, port: hasPort ? url.port : nil)
        }
    }

    /// What the guard says of an address.
    package enum Verdict: Sendable, Hashable {
        case allowed
        /// Refused, because it is of this kind.
        case refused(AddressKind)
        /// Refused, because the port is not one for HTTP.
        case refusedPort(UInt16)
    }

    /// What may be dialled although it is not public; metadata addresses never.
    package var allowances: [Allowance]
    /// Ports that are never dialled on an address that is not public: those of the hub's own management.
    package var ownPorts: Set<UInt16>

    package init(allowances: [Allowance] = [], ownPorts: Set<UInt16> = []) {
        self.allowances = allowances
        self.ownPorts = ownPorts
    }

    /// Whether `address` may be dialled for a request to `host`.
    ///
    /// - Parameters:
    ///   - address: The address about to be dialled.
    ///   - port: The port about to be dialled.
    ///   - host: The host of the request's URL, lower case, without brackets and trailing dot.
    package func verdict(on address: IPAddress, port: UInt16, host: String) -> Verdict {
        let kind = AddressKind.of(address)
        let isNamed = allowances.contains { allowance in
            switch allowance {
            case .host(let name, let allowedPort): name == host && (allowedPort == nil || allowedPort == port)
            case .range: false
            }
        }
        let isOnNamedPort = allowances.contains(.host(host, port: port))
        if kind == .public {
            return AddressGuard.isForHTTP(port) || isOnNamedPort ? .allowed : .refusedPort(port)
        }
        guard kind.canBeAllowed, !ownPorts.contains(port) else { return .refused(kind) }
        let isInRange = allowances.contains { allowance in
            if case .range(let range) = allowance { range.contains(address) } else { false }
        }
        guard isNamed || isInRange else { return .refused(kind) }
        return AddressGuard.isForHTTP(port) || isOnNamedPort ? .allowed : .refusedPort(port)
    }

    /// Ports above 1023 where something else than HTTP usually listens: container engines, databases, caches, X11.
    private static let otherPorts: Set<UInt16> = [
        1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5672, 6000, 6379, 6443, 6667, 10250, 11211, 27017,
    ]

    /// Whether HTTP is plausible on a port; any other must be named with its host in `egress.allow_private`.
    package static func isForHTTP(_ port: UInt16) -> Bool {
        port == 80 || port == 443 || port >= 1024 && !otherPorts.contains(port)
    }
}
