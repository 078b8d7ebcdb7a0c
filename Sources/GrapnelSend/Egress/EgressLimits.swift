package import GrapnelCore

/// The limits of outbound requests.
package struct EgressLimits: Sendable, Hashable {
    /// Name look-up, TCP and TLS together. Default 5 s.
    package var connect: Duration
    /// From the request's leaving to the first byte of the answer. Default 15 s.
    package var firstByte: Duration
    /// The whole of one request, unless it asks for less. Default 30 s.
    package var total: Duration
    /// The decoded body of an answer. Default 10 MiB.
    package var responseBody: ByteCount
    /// The head of an answer, interim ones included. Default 32 KiB.
    package var responseHead: ByteCount
    /// The fields of an answer, interim ones included. Default 100.
    package var responseFields: Int
    /// The body of a request. Default 10 MiB.
    package var requestBody: ByteCount
    /// The head of a request. Default 32 KiB.
    package var requestHead: ByteCount
    /// Requests that are under way at once. Default 1,024.
    package var active: Int
    /// Requests that wait to get under way; one more is refused. Default 4,096.
    package var waiting: Int
    /// Connections to one host. Default 50.
    package var hostConnections: Int
    /// How long an idle connection may be used again. Default 30 s: many servers close theirs after 60 s, and a request
    /// that meets a closing connection has an unknown outcome.
    package var idleConnection: Duration

    package init(
        connect: Duration = .seconds(5), firstByte: Duration = .seconds(15), total: Duration = .seconds(30),
        responseBody: ByteCount = .mebibytes(10), responseHead: ByteCount = .kibibytes(32),
        responseFields: Int = 100, requestBody: ByteCount = .mebibytes(10), requestHead: ByteCount = .kibibytes(32),
        active: Int = 1024, waiting: Int = 4096, hostConnections: Int = 50, idleConnection: Duration = .seconds(30)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.total = total
        self.responseBody = responseBody
        self.responseHead = responseHead
        self.responseFields = responseFields
        self.requestBody = requestBody
        self.requestHead = requestHead
        self.active = active
        self.waiting = waiting
        self.hostConnections = hostConnections
        self.idleConnection = idleConnection
    }
}
