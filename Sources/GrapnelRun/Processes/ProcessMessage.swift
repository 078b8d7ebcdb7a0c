import GrapnelCore
import GrapnelCrypto

/// A line that a program writes: the same messages as an isolate's frames, told as JSON (`docs/process-handlers.md`).
package enum ProcessMessage {
    private static let kinds: [String: Frame.Kind] = [
        "call": .call, "kv": .keyValue, "send": .send, "emit": .send, "log": .log, "failed": .failed, "fetch": .fetch,
        "reply": .reply,
    ]

    /// What a line says.
    ///
    /// - Throws: What is wrong with its form.
    package static func parse(_ line: [UInt8]) throws(FrameError) -> IsolateMessage {
        let document: JSON
        do {
            document = try JSONParser.parse(line)
        } catch {
            throw FrameError("a line is not JSON: \(error)")
        }
        guard case .object(var object) = document, let type = document["type"]?.string else {
            throw FrameError("a line is an object with a type")
        }
        if type == "result" { return .returned(object["value"]) }
        guard let kind = kinds[type] else {
            throw FrameError("there is no message \"\(type.prefix(40))\"")
        }
        if type == "emit" {
            object["emit"] = object["event"]
            guard object["emit"]?.string != nil else { throw FrameError("emit names its event") }
        }
        if type == "failed", object["message"]?.string == nil { throw FrameError("a failure has a message") }
        var payload: [UInt8] = []
        let head = type == "emit" ? JSONWriter.bytes(.object(object)) : line
        switch kind {
        case .fetch, .reply:
            Frame.append(text: head, to: &payload)
            payload += try body(document)
        default: payload = head
        }
        return try IsolateMessage(Frame(kind: kind, id: try id(document, of: kind), payload: payload))
    }

    private static func id(_ document: JSON, of kind: Frame.Kind) throws(FrameError) -> UInt32 {
        switch kind {
        case .call, .fetch, .keyValue:
            guard let number = document["id"]?.integer, let id = UInt32(exactly: number) else {
                throw FrameError("what awaits an answer has an id: a whole number from 0 to \(UInt32.max)")
            }
            return id
        default: return 0
        }
    }

    /// `body` is text; `base64` is for bytes that are none.
    private static func body(_ document: JSON) throws(FrameError) -> [UInt8] {
        if let text = document["body"]?.string { return Array(text.utf8) }
        guard let coded = document["base64"]?.string else { return [] }
        guard let bytes = Base64.decode(coded) else { throw FrameError("base64 is not what it says") }
        return bytes
    }
}
