package import GrapnelCore

/// What a handler returned, as the run's result and as the answer to a vendor.
package struct HandlerResult: Sendable, Hashable {
    /// JSON; `nil` when it returned nothing.
    package var value: JSON?
    /// The synchronous reply; `nil` when it returned nothing.
    package var reply: HTTPReply?

    package init(value: JSON?, reply: HTTPReply?) {
        self.value = value
        self.reply = reply
    }

    /// A text is answered as `text/plain`, an object with `status`, `headers` or `body` and nothing else as the
    /// response that it describes, and everything else as JSON.
    package init(returned value: JSON?) {
        guard let value else {
            self.init(value: nil, reply: nil)
            return
        }
        self.init(value: value, reply: HandlerResult.reply(value))
    }

    /// A `Response` is kept as the same object, with its body as text.
    package init(replied reply: HTTPReply) {
        var headers = JSONObject()
        for field in reply.headers.fields { headers[field.name] = .string(field.value) }
        let value: JSON = [
            "status": .integer(Int64(reply.status)), "headers": .object(headers),
            "body": .string(String(decoding: reply.body, as: UTF8.self)),
        ]
        self.init(value: value, reply: reply)
    }

    private static func reply(_ value: JSON) -> HTTPReply {
        switch value {
        case .string(let text): reply(text, type: "text/plain; charset=utf-8")
        case .object(let object): described(object) ?? reply(JSONWriter.text(value), type: "application/json")
        default: reply(JSONWriter.text(value), type: "application/json")
        }
    }

    private static func described(_ object: JSONObject) -> HTTPReply? {
        guard let status = object["status"]?.integer, (200...599).contains(status),
            object.keys.allSatisfy({ ["status", "headers", "body"].contains($0) })
        else { return nil }
        var answer = HTTPReply(status: Int(status))
        switch object["body"] {
        case nil, .null: break
        case .string(let text): answer = reply(text, type: "text/plain; charset=utf-8")
        case let body?: answer = reply(JSONWriter.text(body), type: "application/json")
        }
        answer.status = Int(status)
        for member in object["headers"]?.object?.members ?? [] {
            if let value = member.value.string, isField(member.key, value) { answer.headers.set(member.key, value) }
        }
        return answer
    }

    private static func reply(_ text: String, type: String) -> HTTPReply {
        HTTPReply(status: 200, headers: HeaderFields([("content-type", type)]), body: Array(text.utf8))
    }

    /// Whether a field of the handler's can stand in a message: a token, and a value without control characters
    /// (RFC 9110 §5).
    private static func isField(_ name: String, _ value: String) -> Bool {
        let marks = Array("!#$%&'*+-.^_`|~".utf8)
        let isToken = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: marks.contains(byte)
            }
        }
        return !name.isEmpty && isToken && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
