/// An absolute http or https URL in one unambiguous form: what was checked is what is dialled.
///
/// Parsers that disagree about a URL are how guards are walked around, so everything with two readings is refused:
/// user information, backslashes, white space, characters outside ASCII, numeric hosts that are not dotted quads,
/// zones, dot segments.
package struct EgressURL: Sendable, Hashable {
    /// `http` or `https`.
    package let scheme: String
    /// Lower case, without a trailing dot; an IPv6 address in eight groups, without brackets.
    package let host: String
    /// The port, the scheme's own when the URL names none.
    package let port: UInt16
    /// The path, at least `/`, and the query with its question mark.
    package let pathAndQuery: String

    /// The longest URL. RFC 9110 §4.1 asks for at least 8,000 octets.
    package static let maximumLength = 8192

    /// - Throws: `EgressFailure` with the code `invalidURL`; its message never repeats the URL, which may hold secrets.
    package init(_ text: String) throws(EgressFailure) {
        func refuse(_ why: String) -> EgressFailure { EgressFailure(.invalidURL, "the URL \(why)") }
        var rest = Array(text.utf8)[...]
        guard rest.count <= EgressURL.maximumLength else { throw refuse("is longer than 8192 bytes") }
        guard rest.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }) else {
            throw refuse("holds a space, a control character, a backslash or a character that is not ASCII")
        }
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { throw refuse("has no scheme") }
        let scheme = String(decoding: rest[..<colon], as: UTF8.self).lowercased()
        guard scheme == "http" || scheme == "https" else { throw refuse("is neither http nor https") }
        rest = rest[(colon + 1)...]
        guard rest.starts(with: "//".utf8) else { throw refuse("has no host") }
        rest = rest.dropFirst(2)
        if let fragment = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<fragment] }
        let authorityEnd = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        let authority = String(decoding: rest[..<authorityEnd], as: UTF8.self)
        guard !authority.contains("@") else { throw refuse("has user information before the host") }
        (host, port) = try EgressURL.hostAndPort(authority, isSecure: scheme == "https")
        self.scheme = scheme
        let target = String(decoding: rest[authorityEnd...], as: UTF8.self)
        pathAndQuery = target.hasPrefix("/") ? target : "/" + target
        let path = pathAndQuery.prefix { $0 != "?" }
        guard !path.split(separator: "/").contains(where: EgressURL.isDotSegment) else {
            throw refuse("has a dot segment in its path")
        }
    }

    private static func hostAndPort(
        _ authority: String, isSecure: Bool
    ) throws(EgressFailure) -> (String, UInt16) {
        var host = authority[...]
        var port: UInt16 = isSecure ? 443 : 80
        let bracket = authority.firstIndex(of: "]")
        if let colon = authority.lastIndex(of: ":"), bracket.map({ $0 < colon }) ?? true {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy(isDigit), let number = UInt16(digits), number > 0 else {
                throw EgressFailure(.invalidURL, "the URL has a port that is no number from 1 to 65535")
            }
            port = number
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let literal = String(host.dropFirst().dropLast())
            guard let address = IPAddress(literal), case .v6 = address else {
                throw EgressFailure(.invalidURL, "the URL has a host in brackets that is no IPv6 address")
            }
            return (address.description, port)
        }
        return (try checkedName(host.lowercased()), port)
    }

    private static func checkedName(_ name: String) throws(EgressFailure) -> String {
        let name = name.hasSuffix(".") ? String(name.dropLast()) : name
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard !name.isEmpty, name.utf8.count <= 253, labels.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 63 }),
            name.utf8.allSatisfy({ isDigit($0) || isLetter($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F })
        else { throw EgressFailure(.invalidURL, "the URL has a host that is no host name") }
        // A last label that reads as a number makes the host an IPv4 address for some parsers (WHATWG URL §3.5):
        // then it must be one for all of them.
        if let last = labels.last, last.utf8.allSatisfy(isDigit) || last.hasPrefix("0x"), IPAddress(name) == nil {
            throw EgressFailure(.invalidURL, "the URL has a number for a host that is no dotted IPv4 address")
        }
        return name
    }

    private static func isDotSegment(_ segment: Substring) -> Bool {
        guard segment.utf8.count <= 6 else { return false }
        var text = ""
        var rest = segment.lowercased()[...]
        while !rest.isEmpty {
            if rest.hasPrefix("%2e") {
                text += "."
                rest = rest.dropFirst(3)
            } else {
                text.append(rest.removeFirst())
            }
        }
        return text == "." || text == ".."
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    /// Whether the port is the one that the scheme implies.
    package var isOnSchemePort: Bool { port == (scheme == "https" ? 443 : 80) }

    /// The host with the port when it is not the scheme's own: what a `Host` field and an allow-list say.
    package var hostAndPort: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return isOnSchemePort ? host : "\(host):\(port)"
    }

    /// Scheme, host and port: what credentials are bound to.
    package var origin: String { "\(scheme)://\(hostAndPort)" }

    /// The whole URL.
    package var text: String { origin + pathAndQuery }

    /// The path without the query, which may hold secrets.
    package var path: String { String(pathAndQuery.prefix { $0 != "?" }) }
}
