/// `url:` of a scheme: what a vendor does to the URL that it posts to before it signs it.
package struct SignedURL: Sendable, Hashable {
    /// A way to write the port. Vendors differ from proxies and from themselves here, so several may be tried.
    package enum Variant: String, Sendable, Hashable, CaseIterable {
        /// As the hub knows the URL.
        case asSent = "as-sent"
        /// Without any port.
        case withoutPort = "without-port"
        /// With the scheme's own port when none is written.
        case withPort = "with-port"
    }

    /// `variants`: the ways to write the port that are tried, in order; the URL as it is when absent.
    package var variants: [Variant]
    /// `unescape`: the characters whose percent escapes the vendor decodes before it signs; none when absent.
    package var unescape: String

    package init(variants: [Variant] = [.asSent], unescape: String = "") {
        self.variants = variants
        self.unescape = unescape
    }

    /// The URLs to try, each once.
    package func candidates(of url: String) -> [String] {
        var candidates: [String] = []
        for variant in variants {
            let written = SignedURL.write(url, variant)
            let candidate = unescape.isEmpty ? written : PercentEncoding.decode(written, only: unescape)
            if !candidates.contains(candidate) { candidates.append(candidate) }
        }
        return candidates
    }

    private static func write(_ url: String, _ variant: Variant) -> String {
        guard variant != .asSent, let mark = url.firstRange(of: "://") else { return url }
        let authority = url[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let rest = url[authority.endIndex...]
        let (host, port) = split(authority)
        switch variant {
        case .asSent: return url
        case .withoutPort: return "\(url[..<mark.upperBound])\(host)\(rest)"
        case .withPort:
            guard port == nil else { return url }
            let standard = url[..<mark.lowerBound].lowercased() == "https" ? "443" : "80"
            return "\(url[..<mark.upperBound])\(host):\(standard)\(rest)"
        }
    }

    /// The host, with user and brackets when it has them, and the port.
    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
        guard let colon = authority.lastIndex(of: ":"),
            authority[authority.index(after: colon)...].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }
}
