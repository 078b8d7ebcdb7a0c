import GrapnelCore
import GrapnelCrypto

extension IsolateJob {
    /// The line that starts a run.
    ///
    /// - Parameter deadline: When the run will be stopped, for the handler to read.
    func runLine(deadline: Timestamp) -> [UInt8] {
        let line: JSON = [
            "type": "run",
            "run": [
                "id": .string(run.description), "attempt": .integer(Int64(attempt)), "recipe": .string(recipe),
                "version": .string(version.hash), "deadline": .string(deadline.description),
            ],
            "event": .object(eventObject),
        ]
        return JSONWriter.bytes(line) + [UInt8(ascii: "\n")]
    }

    /// The event as a program reads it.
    var eventObject: JSONObject {
        var object = IsolateJob.object(eventFacts, of: event)
        if !batch.isEmpty {
            object.append("batch", .array(batch.map { .object(IsolateJob.object(IsolateJob.facts(of: $0), of: $0)) }))
        }
        return object
    }

    private static func object(_ facts: JSONObject, of event: Event) -> JSONObject {
        var object = facts
        if let body = event.body() { object.append("body", body) }
        object.append("raw", .string(Base64.encode(event.raw)))
        return object
    }
}

extension IsolateAnswer {
    /// The line that answers operation `id`; `nil` when the run ends instead.
    func line(id: UInt32) -> [UInt8]? {
        var object = JSONObject([("type", "answer"), ("id", .integer(Int64(id)))])
        switch self {
        case .text(let text):
            // The text is JSON already, and stays as it was written.
            var line = Array(JSONWriter.bytes(.object(object)).dropLast())
            if let text { line += Array(#","value":"#.utf8) + text }
            return line + Array("}\n".utf8)
        case .reply(let reply):
            let headers = reply.headers.fields.map { JSON.array([.string($0.name), .string($0.value)]) }
            object.append(
                "reply",
                [
                    "status": .integer(Int64(reply.status)), "headers": .array(headers),
                    "base64": .string(Base64.encode(reply.body)),
                ])
        case .failure(let failure): object.append("error", .object(failure.object))
        case .endRun: return nil
        }
        return JSONWriter.bytes(.object(object)) + [UInt8(ascii: "\n")]
    }
}
