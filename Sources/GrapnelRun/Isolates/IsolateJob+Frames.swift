import GrapnelCore
import GrapnelFormat

extension IsolateJob {
    /// What gives a new isolate its code.
    var loadFrame: Frame {
        let meta = JSON.object(
            JSONObject([
                // First, because the isolate reads it before it can parse: the name of the script.
                ("fileName", .string(fileName.filter { $0 != "\"" && $0 != "\\" })),
                ("style", .string(style.rawValue)),
                (
                    "environment",
                    .object(JSONObject(environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
                ),
                (
                    "connections",
                    .object(
                        JSONObject(
                            connections.sorted { $0.key < $1.key }.map { name, operations in
                                (name, .array(operations.map { .string($0) }))
                            }))
                ),
            ]))
        var payload: [UInt8] = []
        Frame.append(UInt64(clamping: limits.cpu.milliseconds * 1000), to: &payload)
        Frame.append(text: JSONWriter.bytes(meta), to: &payload)
        payload.append(contentsOf: source)
        return Frame(kind: .load, id: 0, payload: payload)
    }

    /// What starts the run.
    ///
    /// - Parameter deadline: When the run will be stopped, for the handler to read.
    func runFrame(deadline: Timestamp) -> Frame {
        var meta = JSONObject([
            ("bodyKind", .string(event.bodyKind.rawValue)), ("event", .object(eventFacts)),
            (
                "run",
                [
                    "id": .string(run.description), "attempt": .integer(Int64(attempt)), "recipe": .string(recipe),
                    "version": .string(version.hash), "deadline": .string(deadline.description),
                ]
            ),
        ])
        if !batch.isEmpty { meta.append("batch", .array(batch.map { IsolateJob.member($0) })) }
        // The bodies of a batch lie one behind another.
        let events = batch.isEmpty ? [event] : batch
        var payload: [UInt8] = []
        payload.reserveCapacity(events.reduce(2048) { $0 + $1.raw.count })
        Frame.append(UInt64(clamping: limits.cpu.milliseconds * 1000), to: &payload)
        Frame.append(text: JSONWriter.bytes(.object(meta)), to: &payload)
        Frame.append(text: event.bodyKind == .value ? event.value ?? [] : [], to: &payload)
        for event in events { payload.append(contentsOf: event.raw) }
        return Frame(kind: .run, id: 0, payload: payload)
    }

    /// What is told of one event of a batch: its part of the bytes that follow is as long as `size` says.
    private static func member(_ event: Event) -> JSON {
        var member = JSONObject([
            ("event", .object(facts(of: event))), ("bodyKind", .string(event.bodyKind.rawValue)),
            ("size", .integer(Int64(event.raw.count))),
        ])
        if event.bodyKind == .value, let value = event.value {
            member.append("value", .string(String(decoding: value, as: UTF8.self)))
        }
        return .object(member)
    }

    /// What is told of the event beside its body.
    var eventFacts: JSONObject {
        var facts = IsolateJob.facts(of: event)
        if let replayOf { facts.append("replayOf", .string(replayOf.description)) }
        return facts
    }

    /// What is told of an event beside its body.
    static func facts(of event: Event) -> JSONObject {
        var headers = JSONObject()
        for field in event.headers.fields {
            let name = field.name.lowercased()
            if let earlier = headers[name]?.string {
                headers[name] = .string("\(earlier), \(field.value)")
            } else {
                headers.append(name, .string(field.value))
            }
        }
        var facts = JSONObject([
            ("id", .string(event.id.description)), ("type", .string(event.type)), ("source", .string(event.source)),
            ("receivedAt", .string(event.receivedAt.description)), ("headers", .object(headers)),
            ("query", query(event.query)),
        ])
        if let error = event.parseError { facts.append("parseError", .string(error)) }
        return facts
    }

    private static func query(_ text: String) -> JSON {
        var object = JSONObject()
        for field in FormFields(parsing: Array(text.utf8)).fields {
            let value = JSON.string(field.value)
            switch object[field.name] {
            case nil: object.append(field.name, value)
            case .array(let values)?: object[field.name] = .array(values + [value])
            case let first?: object[field.name] = .array([first, value])
            }
        }
        return .object(object)
    }
}

extension IsolateAnswer {
    /// What tells an isolate the answer to its operation `id`; `nil` when the run ends instead.
    func frame(id: UInt32) -> Frame? {
        var payload: [UInt8] = []
        switch self {
        case .text(let text):
            payload.append(1)
            Frame.append(text: text ?? [], to: &payload)
        case .reply(let reply):
            payload.append(2)
            let meta: JSON = [
                "status": .integer(Int64(reply.status)),
                "headers": .array(reply.headers.fields.map { [.string($0.name), .string($0.value)] }),
            ]
            Frame.append(text: JSONWriter.bytes(meta), to: &payload)
            payload.append(contentsOf: reply.body)
        case .failure(let failure):
            payload.append(0)
            Frame.append(text: JSONWriter.bytes(.object(failure.object)), to: &payload)
        case .endRun: return nil
        }
        return Frame(kind: .settle, id: id, payload: payload)
    }
}

extension CallFailure {
    /// What a handler is told of it.
    var object: JSONObject {
        var object = JSONObject([
            ("message", .string(message)), ("code", .string(code)), ("retryable", .bool(isRetryable)),
            ("outcome", .string(outcome.rawValue)),
        ])
        if let status { object.append("status", .integer(Int64(status))) }
        if let wait = retryAfter { object.append("retryAfter", .integer(wait.milliseconds)) }
        return object
    }
}
