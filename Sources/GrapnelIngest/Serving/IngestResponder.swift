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
    /// Connections on which a request is being read.
    private let reading = Mutex<[ObjectIdentifier: any Channel]>([:])

    init(pipeline: IngestPipeline, table: Table) {
        self.pipeline = pipeline
        self.table = Mutex(table)
    }

    func replace(_ next: Table) {
        table.withLock { $0 = next }
    }

    /// How many requests are being read.
    var readingCount: Int { reading.withLock { $0.count } }

    /// Closes the connections whose requests have not arrived whole: nothing of them is stored, and their vendors try
    /// again.
    func hangUp() {
        for channel in reading.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }

    @concurrent func respond(to request: Request, with writer: consuming ResponseWriter, on channel: any Channel)
        async throws
    {
        let reply: HTTPReply
        switch admit(request) {
        case .refused(let problem): reply = problem.reply
        case .admitted(let admitted):
            if request.head.headerFields[.expect]?.lowercased() == "100-continue" {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            reply = await answer(to: request, admitted, on: channel)
        }
        var fields = HTTPFields()
        for field in reply.headers.fields {
            if let name = HTTPField.Name(field.name) { fields.append(HTTPField(name: name, value: field.value)) }
        }
        fields[.contentLength] = String(reply.body.count)
        let head = HTTPResponse(status: HTTPResponse.Status(code: reply.status), headerFields: fields)
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    }

    /// What is known of a request before its body is read.
    private struct Admitted {
        let source: Source
        let proxies: [NetworkRange]
        let target: String
        let path: Substring
    }

    private enum Admission {
        case admitted(Admitted)
        case refused(IngestProblem)
    }

    private func admit(_ request: Request) -> Admission {
        let target = request.head.path ?? "/"
        guard target.hasPrefix("/") else { return .refused(.malformed) }
        let path = target.prefix { $0 != "?" }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let (source, proxies) = table.withLock { table -> (Source?, [NetworkRange]) in
            guard parts.count == 2 || parts.count == 3, parts[0] == "hooks" else { return (nil, []) }
            return (table.sources[String(parts[1])], table.trustedProxies)
        }
        guard let source, parts.count == 2 || source.takesPathKey else { return .refused(.unknownSource) }
        if let coding = request.head.headerFields[.contentEncoding], coding.lowercased() != "identity" {
            return .refused(.encoding(coding))
        }
        if let length = request.head.headerFields[.contentLength].flatMap({ Int($0) }), length > source.maxBody {
            return .refused(.tooLarge(source.maxBody))
        }
        return .admitted(Admitted(source: source, proxies: proxies, target: target, path: path))
    }

    private func answer(to request: Request, _ admitted: Admitted, on channel: any Channel) async -> HTTPReply {
        let source = admitted.source
        var body: [UInt8] = []
        let deadline = pipeline.clock.monotonic() + pipeline.limits.bodyTime
        reading.withLock { $0[ObjectIdentifier(channel)] = channel }
        do {
            defer { reading.withLock { $0[ObjectIdentifier(channel)] = nil } }
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
        let isTrusted = !admitted.proxies.isEmpty && admitted.proxies.contains { $0.contains(address) }
        let inbound = InboundRequest(
            method: request.head.method.rawValue,
            url: EffectiveURL.url(
                target: admitted.target, headers: headers, publicURL: source.publicURL, isTrusted: isTrusted),
            query: String(admitted.target[admitted.path.endIndex...].dropFirst()), headers: headers, body: body,
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
