/// `auth:` of a connector: where a credential goes when a request leaves. The names are keys of the connection's
/// `credentials:`.
package enum AuthRule: Sendable, Hashable {
    case none
    /// `Authorization: Bearer <credential>`.
    case bearer(credential: String)
    /// `Authorization: Basic <username:password>`.
    case basic(username: String, password: String)
    /// A header of its own.
    case header(name: String, credential: String)
    /// A query parameter.
    case query(name: String, credential: String)
    /// Signed per Standard Webhooks (https://www.standardwebhooks.com): webhook-id, -timestamp and -signature.
    case standardWebhooks(credential: String)

    /// The keys of `credentials:` that it needs.
    package var credentials: [String] {
        switch self {
        case .none: []
        case .bearer(let credential), .header(_, let credential), .query(_, let credential),
            .standardWebhooks(let credential):
            [credential]
        case .basic(let username, let password): [username, password]
        }
    }
}
