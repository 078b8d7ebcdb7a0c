import Glibc
import GrapnelCore
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Takes a request off the wire, finds its stand-in, lets faults hit it, and writes the answer.
struct EmulatorResponder: Sendable {
    private let vendors: [String: VendorEmulator]
    private let control: EmulatorControl
    private let recorder: EmulatorRecorder
    private let faults: FaultTable
    private let clock: any HubClock
    private let maximumBody: Int

    init(configuration: EmulatorConfiguration, recorder: EmulatorRecorder, faults: FaultTable, clock: any HubClock) {
        vendors = Dictionary(
            uniqueKeysWithValues: configuration.connectors.map { name, definition in
                (name, VendorEmulator(name, definition, credentials: configuration.credentials[name]))
            })
        control = EmulatorControl(
            recorder: recorder, faults: faults, connectors: vendors.mapValues { $0.operations.map(\.name) })
        self.recorder = recorder
        self.faults = faults
        self.clock = clock
        maximumBody = configuration.maximumBody.bytes
    }

    @concurrent func respond(to request: Request, with writer: consuming ResponseWriter, on channel: any Channel)
        async throws
    {
        let target = request.head.path ?? "/"
        if target.hasPrefix(EmulatorControl.prefix) {
            let rest = target.dropFirst(EmulatorControl.prefix.count)
            let head = emulatorRequest(request, target: rest, connector: "_emulator")
            guard let read = try await read(request, head: head) else { return try await refuseBody(with: writer) }
            return try await write(await control.respond(to: read), with: writer)
        }
        let parts = target.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts.first.map { String($0.prefix { $0 != "?" }) } ?? ""
        guard let vendor = vendors[name] else {
            _ = try await request.body.collect(upTo: maximumBody)
            return try await write(unknownConnector(name).reply, with: writer)
        }
        let rest = target.dropFirst(1 + name.utf8.count)
        let head = emulatorRequest(request, target: rest, connector: name)
        let match = vendor.match(head)
        let fault = faults.next(connector: name, operation: match?.operation.name)
        if fault?.kind == .hang {
            return try await hang(request, head: head, vendor: vendor, match: match, on: channel)
        }
        guard let read = try await read(request, head: head) else { return try await refuseBody(with: writer) }
        if let fault, fault.kind == .slow { try await clock.sleep(for: fault.delay) }
        let outcome = vendor.outcome(of: read, match: match, fault: fault)
        recorder.record(outcome.record(of: read, vendor: vendor, receivedAt: clock.now()))
        guard let reply = outcome.reply else { return try await reset(channel) }
        try await write(reply, with: writer)
    }

    private func unknownConnector(_ name: String) -> EmulatorProblem {
        EmulatorProblem(
            404, "No such connector",
            ["\(name) is none of \(vendors.keys.sorted().joined(separator: ", ")); the first part of the path names it"]
        )
    }

    /// Waits until the client gives up or the server stops.
    private func hang(
        _ request: Request, head: EmulatorRequest, vendor: VendorEmulator, match: VendorMatch?, on channel: any Channel
    ) async throws {
        var head = head
        try await request.body.consumeWithInboundCloseHandler { body in
            head.body = try await Array(buffer: body.collect(upTo: maximumBody))
            let outcome = VendorOutcome(match: match, fault: .hang)
            recorder.record(outcome.record(of: head, vendor: vendor, receivedAt: clock.now()))
            try await withTaskCancellationHandler {
                try await channel.closeFuture.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } onInboundClosed: {
            channel.close(promise: nil)
        }
    }

    /// Closes the connection so that the client sees a reset: no end of stream is sent.
    private func reset(_ channel: any Channel) async throws {
        if let socket = channel as? any SocketOptionProvider {
            try? await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try? await channel.close()
    }

    /// The request with its body; `nil` when the body is too large.
    private func read(_ request: Request, head: EmulatorRequest) async throws -> EmulatorRequest? {
        var read = head
        do {
            read.body = try await Array(buffer: request.body.collect(upTo: maximumBody))
        } catch is NIOTooManyBytesError {
            return nil
        }
        return read
    }

    private func emulatorRequest(
        _ request: Request, target: Substring, connector: String
    ) -> EmulatorRequest {
        let path = target.prefix { $0 != "?" }
        var headers = HeaderFields()
        for field in request.headers { headers.append(field.name.rawName, field.value) }
        // HTTP/1.1's Host field is the authority here.
        if let authority = request.head.authority { headers.append("Host", authority) }
        return EmulatorRequest(
            connector: connector, method: request.method.rawValue, path: String(path),
            query: String(target.dropFirst(path.count + 1)),
            headers: headers)
    }

    @concurrent private func refuseBody(with writer: consuming ResponseWriter) async throws {
        var reply = EmulatorProblem(413, "The body is too large", ["\(ByteCount(bytes: maximumBody)) at most"]).reply
        reply.headers.append("Connection", "close")
        try await write(reply, with: writer)
    }

    @concurrent private func write(_ reply: HTTPReply, with writer: consuming ResponseWriter) async throws {
        var fields = HTTPFields()
        for field in reply.headers.fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            fields.append(HTTPField(name: name, value: field.value))
        }
        if reply.status != 204 { fields[.contentLength] = String(reply.body.count) }
        let head = HTTPResponse(status: HTTPResponse.Status(code: reply.status), headerFields: fields)
        try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    }
}
