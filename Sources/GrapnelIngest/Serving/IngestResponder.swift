import GrapnelCore
import GrapnelFormat
import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// Takes a request off the wire under its limits and writes the answer.
final class IngestResponder: Sendable {
    /// What requests are looked at with: replaced as a whole when the configuration is read again.
    struct Table: Sendable {
        var sources: [String: Source]
        var trustedProxies: [NetworkRange]
    }

    private let pipeline: IngestPipeline
    private let table: Mutex<Table>

    init(pipeline: IngestPipeline, table: Table) {
        self.pipeline = pipeline
        self.table = Mutex(table)
    }

    func replace(_ next: Table) {
        table.withLock { $0 = next }
    }

    @concurrent func respond(to request: Request, with writer: consuming ResponseWriter, on channel: any Channel)
        async throws
    {
        let reply = await reply(to: request, on: channel)
        var fields = HTTPFields()
        for field in reply.headers.fields {
            if let name = HTTPField.Name(field.name) { fields.append(HTTPField(name: name, value: field.value)) }
        }
        fields[.contentLength] = String(reply.body.count)
        var body = try await writer.writeHead(
            HTTPResponse(status: HTTPResponse.Status(code: reply.status), headerFields: fields))
        if !reply.body.isEmpty { try await body.write(ByteBuffer(bytes: reply.body)) }
        try await body.finish(nil)
    }

    private func reply(to request: Request, on channel: any Channel) async -> HTTPReply {
        let target = request.head.path ?? "/"
        guard target.hasPrefix("/") else { return IngestProblem.malformed.reply }
        let path = target.prefix { $0 != "?" }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let (source, proxies) = table.withLock { table -> (Source?, [NetworkRange]) in
            guard parts.count == 2 || parts.count == 3, parts[0] == "hooks" else { return (nil, []) }
            return (table.sources[String(parts[1])], table.trustedProxies)
        }
        guard let source, parts.count == 2 || source.takesPathKey else {
            return IngestProblem.unknownSource.reply
        }
        if let coding = request.head.headerFields[.contentEncoding], coding.lowercased() != "identity" {
            return IngestProblem.encoding(coding).reply
        }
        if let length = request.head.headerFields[.contentLength].flatMap({ Int($0) }), length > source.maxBody {
            return IngestProblem.tooLarge(source.maxBody).reply
        }
        var body: [UInt8] = []
        let deadline = pipeline.clock.monotonic() + pipeline.limits.bodyTime
        do {
            for try await buffer in request.body {
                guard pipeline.clock.monotonic() < deadline else { return IngestProblem.slow.reply }
                guard body.count + buffer.readableBytes <= source.maxBody else {
                    return IngestProblem.tooLarge(source.maxBody).reply
                }
                body.append(contentsOf: buffer.readableBytesView)
            }
        } catch {
            return IngestProblem.malformed.reply
        }
        let headers = IngestResponder.headers(of: request)
        let address = channel.remoteAddress?.ipAddress ?? ""
        let isTrusted = !proxies.isEmpty && proxies.contains { $0.contains(address) }
        let inbound = InboundRequest(
            method: request.head.method.rawValue,
            url: EffectiveURL.url(
                target: target, headers: headers, publicURL: source.publicURL, isTrusted: isTrusted),
            query: String(target[path.endIndex...].dropFirst()), headers: headers, body: body,
            peer: EffectiveURL.peer(address, headers: headers, isTrusted: isTrusted),
            receivedAt: pipeline.clock.now())
        return await pipeline.answer(to: inbound, of: source)
    }

    private static func headers(of request: Request) -> HeaderFields {
        var headers = HeaderFields()
        if let authority = request.head.authority { headers.append("Host", authority) }
        for field in request.head.headerFields { headers.append(field.name.rawName, field.value) }
        return headers
    }
}
