/// The exact inbound HTTP request: what a signature is checked against and what is stored.
package struct InboundRequest: Sendable, Hashable, IdentifiedSubject {
    package static let identifierPrefix = "req"

    /// The method, as sent.
    package var method: String
    /// The absolute URL that the vendor posted to, query included, as far as the hub can know it: `public_url`, else
    /// forwarded headers of a trusted proxy, else the Host header.
    package var url: String
    /// The query of the URL, as sent, without the question mark; empty when there is none.
    package var query: String
    package var headers: HeaderFields
    /// The body, byte for byte, after the transfer coding.
    package var body: [UInt8]
    /// The address of the peer, or of the client a trusted proxy names.
    package var peer: String
    package var receivedAt: Timestamp

    package init(
        method: String, url: String, query: String, headers: HeaderFields, body: [UInt8], peer: String,
        receivedAt: Timestamp
    ) {
        self.method = method
        self.url = url
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
        self.receivedAt = receivedAt
    }
}
