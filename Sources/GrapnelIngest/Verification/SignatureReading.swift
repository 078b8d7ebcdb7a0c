import GrapnelCore
import GrapnelCrypto
import GrapnelFormat

/// The signatures and the signed time of one scheme, as they stand on a request.
struct SignatureReading: Sendable, Hashable {
    /// The decoded signatures, at least one.
    let signatures: [[UInt8]]
    /// The signed time as it was sent; `nil` when it is missing or stands there twice.
    let timestamp: Found

    /// A value that must stand on a request once.
    enum Found: Sendable, Hashable {
        case once(String)
        case never
        case repeatedly
    }

    /// What a look at the request found.
    enum Result {
        /// No field for a signature, or an empty one.
        case absent
        /// A field that holds no signature with this scheme's mark.
        case ofAnotherScheme
        case rejected(RejectionKind)
        case found(SignatureReading)
    }

    /// Looks for the signatures of `scheme`.
    static func read(_ scheme: SignatureScheme, from request: InboundRequest) -> Result {
        let location = scheme.signature
        let field: String
        switch self.field(of: location, request) {
        case .never: return .absent
        case .repeatedly: return .rejected(.repeatedSignature)
        case .once(let text): field = text
        }
        guard !field.isEmpty else { return .absent }
        guard field.utf8.count <= SignatureVerifier.maximumFieldBytes else { return .rejected(.malformedSignature) }
        if let separator = location.pairs, let name = location.value {
            let pairs = Pairs(field, separator: separator)
            return result(scheme, pairs.values(of: name), pairs: pairs, request)
        }
        guard let separator = location.separator else {
            return result(scheme, [field[...]], pairs: nil, request)
        }
        return result(scheme, field.split(separator: separator), pairs: nil, request)
    }

    private static func result(
        _ scheme: SignatureScheme, _ texts: [Substring], pairs: Pairs?, _ request: InboundRequest
    ) -> Result {
        let prefix = scheme.signature.prefix
        let marked = texts.compactMap { text in
            text.utf8.starts(with: prefix.utf8) ? text.dropFirst(prefix.count) : nil
        }
        guard !marked.isEmpty else { return .ofAnotherScheme }
        guard marked.count <= SignatureVerifier.maximumSignatures else { return .rejected(.malformedSignature) }
        let signatures = marked.compactMap { SignatureComputation.decode($0, scheme.signature.encoding) }
        guard !signatures.isEmpty else { return .rejected(.malformedSignature) }
        return .found(
            SignatureReading(signatures: signatures, timestamp: timestamp(of: scheme, pairs: pairs, request)))
    }

    private static func field(of location: SignatureLocation, _ request: InboundRequest) -> Found {
        switch location.source {
        case .header(let name): return once(request.headers.values(name))
        case .query(let name): return once(FormFields(parsing: Array(request.query.utf8)).values(name))
        case .body(let path):
            return path.first(in: RequestScope(request))?.string.map { .once($0) } ?? .never
        case .path:
            let path = request.url.prefix { $0 != "?" && $0 != "#" }
            guard let slash = path.lastIndex(of: "/") else { return .never }
            let segment = PercentEncoding.decode(path[path.index(after: slash)...].utf8)
            return .once(String(decoding: segment, as: UTF8.self))
        case .basic:
            switch once(request.headers.values("Authorization")) {
            case .once(let text):
                guard text.utf8.count > 6, text.prefix(6).lowercased() == "basic " else { return .never }
                return .once(String(text.dropFirst(6)))
            case let other: return other
            }
        }
    }

    private static func timestamp(
        of scheme: SignatureScheme, pairs: Pairs?, _ request: InboundRequest
    ) -> Found {
        switch scheme.timestamp?.source {
        case nil: return .never
        case .header(let name): return once(request.headers.values(name))
        case .pair(let name): return once((pairs?.values(of: name) ?? []).map(String.init))
        case .body(let path):
            switch path.first(in: RequestScope(request)) {
            case .string(let text): return .once(text)
            case .integer(let value): return .once(String(value))
            default: return .never
            }
        }
    }

    private static func once(_ values: [String]) -> Found {
        switch values.count {
        case 0: .never
        case 1: .once(values[0])
        default: .repeatedly
        }
    }

    /// The `name=value` pairs of a field, in order.
    private struct Pairs {
        private let pairs: [(name: Substring, value: Substring)]

        init(_ field: String, separator: String) {
            pairs = field.split(separator: separator).compactMap { piece in
                let piece = piece.drop { $0 == " " }
                guard let equals = piece.firstIndex(of: "=") else { return nil }
                return (piece[..<equals], piece[piece.index(after: equals)...])
            }
        }

        func values(of name: String) -> [Substring] {
            pairs.compactMap { $0.name == name ? $0.value : nil }
        }
    }
}
