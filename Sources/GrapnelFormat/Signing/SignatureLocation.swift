/// `signature:` of a scheme: where on the request a signature stands, and how it is written.
package struct SignatureLocation: Sendable, Hashable {
    /// Where to look.
    package enum Source: Sendable, Hashable {
        /// `header: X-Signature`
        case header(String)
        /// `query: sig`, a parameter of the URL.
        case query(String)
        /// `body: signature.value`, a path that starts with `body` or `form`.
        case body(PathExpression)
        /// `path: true`, the last segment of the URL's path: a shared key alone.
        case path
        /// `basic: true`, user and password of the `Authorization` field (RFC 7617).
        case basic
    }

    /// How the bytes of a signature are written.
    package enum Encoding: String, Sendable, Hashable, CaseIterable {
        case hex
        case base64
        case base64url
        /// The text itself: for shared keys.
        case raw
    }

    /// `header`, `query`, `body`, `path` or `basic`
    package var source: Source
    /// `prefix`: what stands before a signature; those without it are not of this scheme.
    package var prefix: String
    /// `separator`: what stands between several signatures.
    package var separator: String?
    /// `pairs`: what stands between `name=value` pairs, one or more of which are signatures.
    package var pairs: String?
    /// `value`: the name of the pairs that are signatures.
    package var value: String?
    /// `encoding`, hex when absent.
    package var encoding: Encoding

    package init(
        source: Source, prefix: String = "", separator: String? = nil, pairs: String? = nil, value: String? = nil,
        encoding: Encoding = .hex
    ) {
        self.source = source
        self.prefix = prefix
        self.separator = separator
        self.pairs = pairs
        self.value = value
        self.encoding = encoding
    }
}
