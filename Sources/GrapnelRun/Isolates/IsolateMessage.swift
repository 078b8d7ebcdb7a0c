package import GrapnelCore

/// What an isolate says, checked for its form. Names, inputs and keys are still the handler's.
package enum IsolateMessage: Sendable, Hashable {
    /// The error numbers of the sandbox's layers, in their order.
    case ready(layers: [Int32])
    case loaded
    case failed(AttemptFailure)
    /// It made a system call that is not allowed, by its number, and ends.
    case forbidden(call: UInt32)
    case call(id: UInt32, connection: String, operation: String, input: JSON, key: String?, timeout: Duration?)
    case fetch(id: UInt32, method: String, url: String, headers: HeaderFields, body: [UInt8])
    case keyValue(id: UInt32, KeyValueOperation)
    case send(connection: String, operation: String, input: JSON, key: String?, delay: Duration)
    case emit(type: String, data: JSON, key: String?, delay: Duration, at: Timestamp?)
    case log(LogLine.Level, message: String, fields: JSON?)
    case returned(JSON?)
    case replied(HTTPReply)

    /// The longest name of a connection or an operation, and the longest key of a step.
    package static let greatestName = 256

    /// Reads what a frame says.
    ///
    /// - Throws: What is wrong with its form.
    package init(_ frame: Frame) throws(FrameError) {
        switch frame.kind {
        case .load, .run, .settle: throw FrameError("an isolate does not send this")
        case .ready:
            guard frame.payload.count == 4 * SandboxReport.Layer.allCases.count else {
                throw FrameError("ready has another size")
            }
            self = .ready(
                layers: stride(from: 0, to: frame.payload.count, by: 4).map {
                    Int32(bitPattern: Frame.uint32(frame.payload[$0...]))
                })
        case .loaded: self = .loaded
        case .forbidden:
            guard frame.payload.count == 4 else { throw FrameError("forbidden has another size") }
            self = .forbidden(call: Frame.uint32(frame.payload))
        case .failed: self = .failed(try IsolateMessage.failure(try IsolateMessage.document(frame.payload)))
        case .call:
            let document = try IsolateMessage.document(frame.payload)
            self = .call(
                id: frame.id, connection: try document.name("connection"), operation: try document.name("operation"),
                input: document["input"] ?? [:], key: try document.key(), timeout: document.duration("timeout"))
        case .fetch:
            let (head, body) = try IsolateMessage.split(frame.payload)
            let document = try IsolateMessage.document(head)
            guard let method = document["method"]?.string, let url = document["url"]?.string else {
                throw FrameError("a fetch has a method and a URL")
            }
            self = .fetch(
                id: frame.id, method: method, url: url, headers: try IsolateMessage.headers(document["headers"]),
                body: body)
        case .keyValue:
            self = .keyValue(
                id: frame.id, try IsolateMessage.keyValue(try IsolateMessage.document(frame.payload)))
        case .send:
            let document = try IsolateMessage.document(frame.payload)
            if let type = document["emit"]?.string {
                self = .emit(
                    type: type, data: document["data"] ?? [:], key: try document.key(),
                    delay: document.duration("delay") ?? .zero, at: try document.moment("at"))
            } else {
                self = .send(
                    connection: try document.name("connection"), operation: try document.name("operation"),
                    input: document["input"] ?? [:], key: try document.key(),
                    delay: document.duration("delay") ?? .zero)
            }
        case .log:
            let document = try IsolateMessage.document(frame.payload)
            guard let level = document["level"]?.string.flatMap({ LogLine.Level(rawValue: $0) }),
                let message = document["message"]?.string
            else { throw FrameError("a line of the log has a level and a message") }
            self = .log(level, message: message, fields: document["fields"])
        case .result:
            // `nil` alone would be the JSON null.
            self = .returned(frame.payload.isEmpty ? JSON?.none : try IsolateMessage.document(frame.payload))
        case .reply:
            let (head, body) = try IsolateMessage.split(frame.payload)
            let document = try IsolateMessage.document(head)
            guard let status = document["status"]?.integer, (200...599).contains(status) else {
                throw FrameError("a reply has a status from 200 to 599")
            }
            self = .replied(
                HTTPReply(
                    status: Int(status), headers: try IsolateMessage.headers(document["headers"]), body: body))
        }
    }

    /// Whether it is said to the hub alone: nothing of it is kept as the run's or goes out to others.
    var isForHub: Bool {
        switch self {
        case .ready, .loaded, .failed, .forbidden, .log: true
        case .returned, .replied, .call, .send, .emit, .fetch, .keyValue: false
        }
    }

    private static func document(_ payload: [UInt8]) throws(FrameError) -> JSON {
        do {
            return try JSONParser.parse(payload)
        } catch {
            throw FrameError("a message is not JSON: \(error)")
        }
    }

    /// A text with its length before it, and the bytes after it.
    private static func split(_ payload: [UInt8]) throws(FrameError) -> (text: [UInt8], bytes: [UInt8]) {
        guard payload.count >= 4 else { throw FrameError("a message is cut off") }
        let count = Int(Frame.uint32(payload))
        guard count <= payload.count - 4 else { throw FrameError("a message is cut off") }
        return (Array(payload[4..<(4 + count)]), Array(payload[(4 + count)...]))
    }

    private static func headers(_ value: JSON?) throws(FrameError) -> HeaderFields {
        var fields = HeaderFields()
        for pair in value?.array ?? [] {
            guard let name = pair[0]?.string, let text = pair[1]?.string, fields.fields.count < 100,
                !text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 })
            else { throw FrameError("headers are pairs of texts without line ends, at most 100") }
            fields.append(name, text)
        }
        return fields
    }

    private static func failure(_ document: JSON) throws(FrameError) -> AttemptFailure {
        guard let message = document["message"]?.string else { throw FrameError("a failure has a message") }
        let name = document["name"]?.string ?? "Error"
        let stack = document["stack"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let text = name == "Error" || name.isEmpty ? message : "\(name): \(message)"
        switch document["kind"]?.string {
        case "discard": return AttemptFailure(.discarded, message, stack: stack, isRetryable: false)
        case "retry":
            return AttemptFailure(.retryAfter, message, stack: stack, retryAfter: document.duration("delay"))
        case "call":
            return AttemptFailure(
                document["outcome"]?.string == "unknown" ? .callUnknown : .callFailed, text, stack: stack,
                isRetryable: document["retryable"]?.bool ?? true, retryAfter: document.duration("retryAfter"))
        default: return AttemptFailure(.threw, text, stack: stack)
        }
    }

    private static func keyValue(_ document: JSON) throws(FrameError) -> KeyValueOperation {
        let key = document["key"]?.string
        let now = document["now"]?.bool ?? false
        switch (document["op"]?.string, key) {
        case ("get", let key?): return .get(key: key)
        case ("set", let key?):
            return .set(
                key: key, value: document["value"] ?? .null, ttl: document.duration("ttl"),
                ifVersion: document["ifVersion"]?.integer, now: now)
        case ("delete", let key?): return .delete(key: key, now: now)
        case ("list", _): return .list(prefix: document["prefix"]?.string ?? "")
        case ("increment", let key?):
            guard let amount = document["by"]?.integer else { throw FrameError("increment takes a whole number") }
            return .increment(key: key, by: amount, now: now)
        default: throw FrameError("an unknown operation of the store")
        }
    }
}

extension JSON {
    fileprivate func name(_ member: String) throws(FrameError) -> String {
        guard let text = self[member]?.string, text.utf8.count <= IsolateMessage.greatestName else {
            throw FrameError("a message lacks its \(member)")
        }
        return text
    }

    fileprivate func key() throws(FrameError) -> String? {
        guard let text = self["key"]?.string else { return nil }
        guard !text.isEmpty, text.utf8.count <= IsolateMessage.greatestName else {
            throw FrameError("a key has 1 to \(IsolateMessage.greatestName) bytes")
        }
        return text
    }

    /// A moment, as milliseconds since 1970 or as RFC 3339 says it.
    fileprivate func moment(_ member: String) throws(FrameError) -> Timestamp? {
        guard let value = self[member], value != .null else { return nil }
        if let milliseconds = value.integer { return Timestamp(milliseconds: milliseconds) }
        guard let moment = value.string.flatMap({ Timestamp(rfc3339: $0) }) else {
            throw FrameError("\(member) is a time such as 2026-01-05T09:00:00Z")
        }
        return moment
    }

    /// A number of milliseconds that is not negative and not beyond a year.
    fileprivate func duration(_ member: String) -> Duration? {
        guard let value = self[member]?.double, value >= 0 else { return nil }
        return .milliseconds(Int64(min(value, 31_536_000_000)))
    }
}
