import Glibc
package import GrapnelCore
package import GrapnelQueue
import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The local management API, on a Unix socket that only the hub's own user may open.
package struct ManagementServer: Service {
    private let socket: String
    private let routes: ManagementRoutes
    private let logger: Logger

    /// - Parameters:
    ///   - socket: The path of the socket; a file that an earlier hub left there is replaced.
    ///   - queue: What is looked at and changed.
    ///   - ids: Makes the ids of new runs.
    package init(socket: String, queue: any QueueReader & QueueWriter, ids: IdentifierGenerator, logger: Logger) {
        self.socket = socket
        self.logger = logger
        routes = ManagementRoutes(queue: queue, ids: ids)
    }

    /// Serves until the hub shuts down.
    package func run() async throws {
        unlink(socket)
        let (routes, socket) = (routes, socket)
        let server = Server(
            childChannelSetup: HTTP1Channel { request, writer, _ in
                try await ManagementServer.respond(to: request, with: writer, routes: routes)
            },
            configuration: ServerConfiguration(address: .unixDomainSocket(path: socket), serverName: nil),
            onServerRunning: { _ in chmod(socket, 0o600) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        try await server.run()
    }

    @concurrent private static func respond(
        to request: Request, with writer: consuming ResponseWriter, routes: ManagementRoutes
    ) async throws {
        let body = try await request.body.collect(upTo: 1 << 20)
        let answer = await routes.answer(
            method: request.head.method.rawValue, target: request.head.path ?? "/", body: Array(body.readableBytesView))
        let bytes = JSONWriter.bytes(answer.document)
        var fields = HTTPFields()
        fields[.contentType] = answer.status < 400 ? "application/json" : "application/problem+json"
        fields[.contentLength] = String(bytes.count)
        var writing = try await writer.writeHead(
            HTTPResponse(status: HTTPResponse.Status(code: answer.status), headerFields: fields))
        try await writing.write(ByteBuffer(bytes: bytes))
        try await writing.finish(nil)
    }
}
