package import GrapnelCore

/// One HTTP request about to leave.
package struct EgressRequest: Sendable, Hashable {
    package var method: String
    package var url: EgressURL
    package var headers: HeaderFields
    package var body: [UInt8]
    /// The longest time for the whole; `nil` takes `EgressLimits.total`.
    package var timeout: Duration?
    /// Whether the same bytes may leave once more when a kept-alive connection turns out to have been closed.
    /// Only for what is safe to do twice; default `false`.
    package var mayRepeat: Bool
    /// Whether a connection of its own is opened, so that no closing one can leave the outcome unknown. Default `false`.
    package var onNewConnection: Bool

    package init(
        method: String, url: EgressURL, headers: HeaderFields = HeaderFields(), body: [UInt8] = [],
        timeout: Duration? = nil, mayRepeat: Bool = false, onNewConnection: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.mayRepeat = mayRepeat
        self.onNewConnection = onNewConnection
    }
}
