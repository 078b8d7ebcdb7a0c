import Glibc
package import GrapnelCore
package import GrapnelFormat
package import GrapnelQueue
import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The management API: on a Unix socket that only the hub's own user may open, and on a TCP port for who has the token.
package struct ManagementServer: Service {
    /// The largest document that is taken. 1 MiB.
    private static let largestBody = 1 << 20
    /// Connections at a time, at the socket and at the port each. 128.
    private static let mostConnections = 128

    private let socket: String
    private let address: ListenAddress
    private let access: ManagementAccess
    private let routes: ManagementRoutes
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// - Parameters:
    ///   - socket: The path of the socket; a file that an earlier hub left there is replaced.
    ///   - address: Where the TCP port is; with port 0 the system chooses.
    ///   - token: What a request over TCP carries as its bearer token.
    ///   - queue: What is looked at and changed.
    ///   - control: What the hub itself knows and does.
    ///   - ids: Makes the ids of new runs.
    ///   - clock: Says what "2d ago" is, and when a set of runs was fixed.
    ///   - onListening: Called with the TCP port when both are open.
    package init(
        socket: String, address: ListenAddress, token: String, queue: any QueueReader & QueueWriter,
        control: any HubControl, ids: IdentifierGenerator, clock: any HubClock, logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.socket = socket
        self.address = address
        self.logger = logger
        self.onListening = onListening
        access = ManagementAccess(token: token, address: address.host)
        routes = ManagementRoutes(queue: queue, control: control, ids: ids, clock: clock)
    }

    /// Serves until the hub shuts down.
    package func run() async throws {
        unlink(socket)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (socket, onListening) = (socket, onListening)
            let (opened, opening) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                defer { opening.finish() }
                try await serve(at: .unixDomainSocket(path: socket), access: nil) { _ in
                    chmod(socket, 0o600)
                    opening.finish()
                }
            }
            group.addTask {
                for await _ in opened {}
                try await serve(at: .hostname(address.host, port: address.port), access: access) { channel in
                    await onListening(channel.localAddress?.port ?? 0)
                }
            }
            // The first that fails ends both; waiting for all would wait for the other one for ever.
            for try await _ in group {}
        }
    }

    private func serve(
        at address: BindAddress, access: ManagementAccess?,
        onRunning: @escaping @Sendable (any Channel) async -> Void
    ) async throws {
        let routes = routes
        let server = Server(
            childChannelSetup: HTTP1Channel { request, writer, _ in
                try await ManagementServer.respond(to: request, with: writer, routes: routes, access: access)
            },
            configuration: ServerConfiguration(
                address: address, serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(ManagementServer.mostConnections)),
            onServerRunning: { await onRunning($0) }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger)
        try await server.run()
    }

    @concurrent private static func respond(
        to request: Request, with writer: consuming ResponseWriter, routes: ManagementRoutes,
        access: ManagementAccess?
    ) async throws {
        let answer: ManagementAnswer
        switch access?.refusal(host: request.head.authority, authorization: request.head.headerFields[.authorization]) {
        case .host: answer = ManagementAnswer(problem: 421, "this address is used by another name than its own")
        case .token:
            answer = ManagementAnswer(
                problem: 401, "send the token of the file api.token in the hub's state directory as a bearer token")
        case nil:
            if let body = try? await request.body.collect(upTo: largestBody) {
                answer = await routes.answer(
                    method: request.head.method.rawValue, target: request.head.path ?? "/",
                    body: Array(body.readableBytesView))
            } else {
                answer = ManagementAnswer(problem: 413, "a document has \(largestBody) bytes at most")
            }
        }
        let bytes = JSONWriter.bytes(answer.document)
        var fields = HTTPFields()
        fields[.contentType] = answer.status < 400 ? "application/json" : "application/problem+json"
        fields[.contentLength] = String(bytes.count)
        if answer.status == 401 { fields[.wwwAuthenticate] = "Bearer" }
        var writing = try await writer.writeHead(
            HTTPResponse(status: HTTPResponse.Status(code: answer.status), headerFields: fields))
        try await writing.write(ByteBuffer(bytes: bytes))
        try await writing.finish(nil)
    }
}
