import GrapnelCore

/// What a test or a person asks of the stand-ins themselves, under `/_emulator/`.
struct EmulatorControl: Sendable {
    /// The first part of every path.
    static let prefix = "/_emulator/"
    /// The longest that a request for records waits.
    static let longestWait = Duration.seconds(30)

    let recorder: EmulatorRecorder
    let faults: FaultTable
    /// The stand-ins and their operations.
    let connectors: [String: [String]]

    /// Answers a request whose path begins with the prefix.
    func respond(to request: EmulatorRequest) async -> HTTPReply {
        do {
            return try await answer(to: request)
        } catch let problem as EmulatorProblem {
            return problem.reply
        } catch {
            return EmulatorProblem(400, "The request cannot be done", ["\(error)"]).reply
        }
    }

    private func answer(to request: EmulatorRequest) async throws -> HTTPReply {
        switch (request.method, request.path) {
        case ("GET", "requests"): return try await requests(QueryNumbers(request.query))
        case ("DELETE", "requests"):
            recorder.removeAll()
            return HTTPReply(status: 204)
        case ("GET", "effects"): return reply(effects)
        case ("GET", "faults"): return reply(["faults": .array(faults.all.map(\.document))])
        case ("POST", "faults"):
            let rule = try FaultRule(document: JSONParser.parse(request.body), connectors: connectors)
            faults.add(rule)
            return reply(rule.document, status: 201)
        case ("DELETE", "faults"):
            faults.removeAll()
            return HTTPReply(status: 204)
        case ("GET", "connectors"):
            return reply(
                .object(
                    JSONObject(
                        connectors.sorted { $0.key < $1.key }.map { name, operations in
                            (name, .array(operations.sorted().map { .string($0) }))
                        })))
        default:
            throw EmulatorProblem(
                404, "No such control",
                ["GET or DELETE requests, GET effects, GET, POST or DELETE faults, GET connectors"])
        }
    }

    private func requests(_ numbers: QueryNumbers) async throws -> HTTPReply {
        let after = try numbers["after"] ?? 0
        if let wait = try numbers["wait"], recorder.totals.received <= after {
            await recorder.wait(after: after, atMost: min(.milliseconds(wait), EmulatorControl.longestWait))
        }
        let found = recorder.requests(after: after)
        return reply([
            "requests": .array(found.map(\.document)),
            "last": .integer(Int64(found.last?.sequence ?? min(after, recorder.totals.received))),
            "received": .integer(Int64(recorder.totals.received)),
            "applied": .integer(Int64(recorder.totals.applied)),
        ])
    }

    private var effects: JSON {
        let totals = recorder.totals
        let effects = recorder.effects.sorted { $0.key < $1.key }.map { key, tally in
            (key, ["received": .integer(Int64(tally.received)), "applied": .integer(Int64(tally.applied))] as JSON)
        }
        return [
            "effects": .object(JSONObject(effects)), "keys": .integer(Int64(effects.count)),
            "repeated": .integer(Int64(totals.repeatedKeys)), "uncounted": .integer(Int64(totals.uncountedKeys)),
            "received": .integer(Int64(totals.received)), "applied": .integer(Int64(totals.applied)),
        ]
    }

    private func reply(_ document: JSON, status: Int = 200) -> HTTPReply {
        HTTPReply(
            status: status, headers: HeaderFields([("Content-Type", "application/json")]),
            body: JSONWriter.bytes(document))
    }
}
