package import GrapnelCore

/// The exact request that a vendor would post.
package struct TriggerRequest: Sendable, Hashable {
    package var method: String
    /// The absolute URL, as it was signed; a scheme may have added to its query.
    package var url: String
    package var headers: HeaderFields
    package var body: [UInt8]

    /// The path and the query of the URL: what is asked of the hub, wherever it listens.
    package var target: String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard url.contains("://") else { return url.hasPrefix("/") ? url : "/" + url }
        return "/" + (parts.count > 3 ? parts[3] : "")
    }
}
