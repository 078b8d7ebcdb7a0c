/// Where a connection's requests go: an address whose path may be added to.
struct BaseURL: Sendable, Hashable {
    /// The address as a request without a path of its own takes it.
    let url: EgressURL

    init(_ text: String) throws(EgressFailure) {
        url = try EgressURL(text)
    }

    /// The text of the address with `path` added below it; an absent or empty path changes nothing.
    ///
    /// - Parameter path: With or without a slash before it; may bring a query.
    func text(adding path: String?) -> String {
        guard let path, !path.isEmpty else { return url.text }
        let query = url.pathAndQuery.dropFirst(url.path.count)
        let base = url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path
        let added = path.hasPrefix("/") ? path : "/" + path
        // A query of the base comes first.
        let joined = query.isEmpty ? added : added.split(separator: "?", maxSplits: 1).joined(separator: "\(query)&")
        let hasQuery = query.isEmpty || added.contains("?")
        return url.origin + base + joined + (hasQuery ? "" : String(query))
    }
}
