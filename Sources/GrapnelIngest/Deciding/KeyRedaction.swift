import GrapnelCore
import GrapnelFormat

/// Takes the shared keys out of a request before it is stored: a key that is sent, unlike a signature, is the secret
/// itself, and neither a handler nor who looks at stored requests has any use for it.
struct KeyRedaction: Sendable {
    static let mark = "[redacted]"

    /// Where keys may stand.
    private let locations: [SignatureLocation.Source]

    /// - Parameter schemes: Those that a source takes.
    init(schemes: [SignatureScheme]) {
        locations = schemes.filter(\.algorithm.sendsSecret).map(\.signature.source)
    }

    /// The request without keys. A key in the body stays: the body is stored as it was sent.
    func apply(to request: InboundRequest) -> InboundRequest {
        guard !locations.isEmpty else { return request }
        var request = request
        for location in locations {
            switch location {
            case .header(let name): request.headers = KeyRedaction.without(name, in: request.headers)
            case .basic: request.headers = KeyRedaction.without("Authorization", in: request.headers)
            case .query(let name):
                let query = KeyRedaction.without(name, inQuery: request.query)
                if let mark = request.url.firstIndex(of: "?") {
                    request.url =
                        request.url[...mark]
                        + KeyRedaction.without(
                            name, inQuery: String(request.url[request.url.index(after: mark)...]))
                }
                request.query = query
            case .path: request.url = KeyRedaction.withoutLastSegment(request.url)
            case .body: break
            }
        }
        return request
    }

    private static func without(_ name: String, in headers: HeaderFields) -> HeaderFields {
        let wanted = name.lowercased()
        return HeaderFields(headers.fields.map { ($0.name, $0.name.lowercased() == wanted ? mark : $0.value) })
    }

    private static func without(_ name: String, inQuery query: String) -> String {
        query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
            let key = pair.prefix { $0 != "=" }
            return FormFields(parsing: Array(key.utf8)).fields.first?.name == name ? "\(key)=\(mark)" : String(pair)
        }.joined(separator: "&")
    }

    /// The key is the third segment of the path, `/hooks/<source>/<key>`; without it there is none to hide.
    private static func withoutLastSegment(_ url: String) -> String {
        let path = url.prefix { $0 != "?" }
        guard let hooks = path.ranges(of: "/hooks/").last,
            let slash = path[hooks.upperBound...].firstIndex(of: "/")
        else { return url }
        return path[...slash] + mark + url[path.endIndex...]
    }
}
