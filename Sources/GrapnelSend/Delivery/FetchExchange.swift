import GrapnelCore

/// The rules of a handler's `fetch`: where it may go, what it may say, and what becomes of a redirect. Pure.
struct FetchExchange {
    /// Redirects that are followed for what is safe to ask again.
    static let mostRedirects = 5
    /// Fields that are the hub's to set, besides those of the connection.
    private static let own: Set<String> = ["grapnel-effect", "accept-encoding"]
    /// Fields that no longer describe the body once it is decoded.
    private static let ofCoding: Set<String> = [
        "content-encoding", "content-length", "transfer-encoding", "connection",
    ]
    /// Fields that must not follow a redirect to another origin.
    private static let credentials: Set<String> = ["authorization", "cookie", "proxy-authorization"]

    let allowedHosts: Set<String>

    init(allowedHosts: [String]) {
        self.allowedHosts = Set(allowedHosts.map { $0.lowercased() })
    }

    /// The first request.
    func request(_ fetch: FetchRequest) throws(CallFailure) -> EgressRequest {
        let url = try url(fetch.url)
        let headers = HeaderFields(
            fetch.headers.fields.filter { field in
                let name = field.name.lowercased()
                return !FetchExchange.own.contains(name) && !EgressCheck.reserved.contains(name)
            })
        var request = EgressRequest(
            method: fetch.method.uppercased(), url: url, headers: headers, body: fetch.body, timeout: fetch.timeout)
        request.mayRepeat = FetchExchange.isSafe(request.method)
        return request
    }

    /// The request that an answer redirects to; `nil` when the answer is the last one.
    ///
    /// Only what is safe to ask again is asked elsewhere; any other redirect is the handler's to see.
    func redirect(_ request: EgressRequest, after response: EgressResponse) throws(CallFailure) -> EgressRequest? {
        guard [301, 302, 303, 307, 308].contains(response.status), FetchExchange.isSafe(request.method),
            let location = response.headers.first("location")
        else { return nil }
        var next = request
        next.url = try url(FetchExchange.resolve(location, against: request.url))
        if request.url.scheme == "https", next.url.scheme == "http" {
            throw OperationRequest.refusal("invalid_url", "a redirect leads from https to http, which is not followed")
        }
        if next.url.origin != request.url.origin {
            for name in FetchExchange.credentials { next.headers.remove(name) }
        }
        return next
    }

    /// What the handler is given.
    func reply(_ response: EgressResponse) -> HTTPReply {
        let fields = response.headers.fields.filter { !FetchExchange.ofCoding.contains($0.name.lowercased()) }
        return HTTPReply(status: response.status, headers: HeaderFields(fields), body: response.body)
    }

    private func url(_ text: String) throws(CallFailure) -> EgressURL {
        let url: EgressURL
        do throws(EgressFailure) {
            url = try EgressURL(text)
        } catch {
            throw error.callFailure
        }
        guard allowedHosts.contains(url.hostAndPort) else {
            throw OperationRequest.refusal(
                "host_not_allowed",
                "fetch may not reach \(url.hostAndPort); to allow it, add it to hosts: in recipe.yaml")
        }
        return url
    }

    private static func isSafe(_ method: String) -> Bool { method == "GET" || method == "HEAD" }

    /// `location` as an absolute URL (RFC 3986 §5.2, without dot segments, which are refused anyway).
    private static func resolve(_ location: String, against base: EgressURL) -> String {
        let scheme = location.prefix { $0 != ":" && $0 != "/" && $0 != "?" }
        if scheme.endIndex < location.endIndex, location[scheme.endIndex] == ":" { return location }
        if location.hasPrefix("//") { return "\(base.scheme):\(location)" }
        if location.hasPrefix("/") { return base.origin + location }
        if location.hasPrefix("?") { return base.origin + base.path + location }
        let folder = base.path.lastIndex(of: "/").map { base.path[...$0] } ?? "/"
        return base.origin + folder + location
    }
}
