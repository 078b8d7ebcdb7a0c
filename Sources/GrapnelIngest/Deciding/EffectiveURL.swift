import GrapnelCore
import GrapnelFormat

/// The URL that a vendor posted to and the address it came from, as far as the hub can know them. Pure.
enum EffectiveURL {
    /// The absolute URL: the source's public URL; else what a trusted proxy says; else the Host header.
    static func url(target: String, headers: HeaderFields, publicURL: String?, isTrusted: Bool) -> String {
        if let publicURL { return publicURL + target }
        let forwarded = isTrusted ? Self.forwarded(headers) : nil
        let scheme = forwarded?.scheme ?? "http"
        let host = forwarded?.host ?? headers.first("host") ?? "localhost"
        return "\(scheme)://\(host)\(target)"
    }

    /// The client's address: what a trusted proxy says, else the peer.
    static func peer(_ address: String, headers: HeaderFields, isTrusted: Bool) -> String {
        guard isTrusted else { return address }
        return forwarded(headers).client ?? address
    }

    /// RFC 7239, else the X-Forwarded fields; the last hop is the one that the trusted proxy wrote.
    private static func forwarded(_ headers: HeaderFields) -> (scheme: String?, host: String?, client: String?) {
        if let hop = headers.values("forwarded").last?.split(separator: ",").last {
            var values: [String: String] = [:]
            for pair in hop.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else { continue }
                let value = trimmed(parts[1])
                values[trimmed(parts[0]).lowercased()] = value.filter { $0 != "\"" }
            }
            return (values["proto"], values["host"], values["for"])
        }
        func last(_ name: String) -> String? {
            headers.values(name).last?.split(separator: ",").last.map { trimmed($0) }
        }
        return (last("x-forwarded-proto"), last("x-forwarded-host"), last("x-forwarded-for"))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
