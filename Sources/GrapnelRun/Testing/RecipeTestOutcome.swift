import GrapnelCore
import GrapnelFormat
import GrapnelQueue

/// What a run in a test did, and how that compares with what the test expects.
struct RecipeTestOutcome {
    var finish: RunFinish
    var effects: [TestEffect]
    /// The events that the run emitted, when it succeeded.
    var emitted: [EventEmission]
    var log: [LogLine]
    var keyValues: TestKeyValues
    /// The reply that the vendor would have heard.
    var reply: HTTPReply?

    /// The state that the run is left in.
    var state: WorkState {
        switch finish.decision {
        case .succeed: .succeeded
        case .retry: .scheduled
        case .die: .dead
        case .park: .parked
        }
    }

    /// Everything that is not as `test` expects.
    func differences(from test: RecipeTest) -> [String] {
        stateDifferences(test) + effectDifferences(test) + eventDifferences(test) + replyDifferences(test)
            + logDifferences(test) + keyValueDifferences(test)
    }

    private func stateDifferences(_ test: RecipeTest) -> [String] {
        // A run that is tried again at once is ready, and scheduled otherwise: a test means the same by both.
        let expected = test.expectedState == .ready ? .scheduled : test.expectedState
        var differences: [String] = []
        if state != expected {
            var actual = state.rawValue
            if let failure = finish.attempt?.failure {
                actual += " (\(failure.kind.rawValue): \(failure.message))"
                if let stack = failure.stack, !stack.isEmpty {
                    actual += "\n        " + stack.split(separator: "\n").joined(separator: "\n        ")
                }
            }
            differences.append(
                Expectation.difference("state", expected: test.expectedState.rawValue, actual: actual))
        }
        if let reason = test.expectedDeadReason, finish.decision != .die(reason) {
            differences.append(
                Expectation.difference("reason", expected: reason.rawValue, actual: "\(finish.decision)"))
        }
        return differences
    }

    private func effectDifferences(_ test: RecipeTest) -> [String] {
        guard let expected = test.expectedEffects else { return [] }
        // Reads need not be expected; everything else must be, in its order.
        let wanted = Set(expected.map { "\($0.kind.rawValue) \($0.operation)" })
        let actual = effects.filter { !$0.isSafe || wanted.contains("\($0.kind.rawValue) \($0.operation)") }
        var differences: [String] = []
        for (index, pair) in zip(expected, actual).enumerated() {
            let place = "effects.\(index)"
            if pair.0.kind != pair.1.kind || pair.0.operation != pair.1.operation {
                let text = "\(pair.0.kind == .call ? "call" : "send") \(pair.0.operation)"
                differences.append(Expectation.difference(place, expected: text, actual: pair.1.text))
            } else if let input = pair.0.input {
                differences += Expectation.differences(input, pair.1.input, at: "\(place).input")
            }
        }
        for (index, missing) in expected.enumerated().dropFirst(actual.count) {
            let text = "\(missing.kind == .call ? "call" : "send") \(missing.operation)"
            differences.append(Expectation.difference("effects.\(index)", expected: text, actual: "nothing"))
        }
        for (index, extra) in actual.enumerated().dropFirst(expected.count) {
            differences.append(Expectation.difference("effects.\(index)", expected: "nothing", actual: extra.text))
        }
        return differences
    }

    private func eventDifferences(_ test: RecipeTest) -> [String] {
        guard let expected = test.expectedEvents else { return [] }
        var differences: [String] = []
        for index in 0..<max(expected.count, emitted.count) {
            let place = "emits.\(index)"
            let wanted = index < expected.count ? expected[index] : nil
            let actual = index < emitted.count ? emitted[index] : nil
            guard let wanted, let actual, wanted.type == actual.type else {
                let text = actual.map { "\($0.type) \(JSONWriter.text($0.data))" } ?? "nothing"
                differences.append(Expectation.difference(place, expected: wanted?.type ?? "nothing", actual: text))
                continue
            }
            if let data = wanted.data {
                differences += Expectation.differences(data, actual.data, at: "\(place).data")
            }
        }
        return differences
    }

    private func replyDifferences(_ test: RecipeTest) -> [String] {
        guard let expected = test.expectedReply else { return [] }
        guard let reply else {
            return [Expectation.difference("reply", expected: JSONWriter.text(expected), actual: "no reply")]
        }
        var differences: [String] = []
        if let status = expected["status"] {
            differences += Expectation.differences(status, .integer(Int64(reply.status)), at: "reply.status")
        }
        for member in expected["headers"]?.object?.members ?? [] {
            let actual = reply.headers.first(member.key).map { JSON.string($0) }
            differences += Expectation.differences(member.value, actual, at: "reply.headers.\(member.key)")
        }
        if let body = expected["body"] {
            let text = JSON.string(String(decoding: reply.body, as: UTF8.self))
            let actual = body.string == nil ? (try? JSONParser.parse(reply.body)) ?? text : text
            differences += Expectation.differences(body, actual, at: "reply.body")
        }
        return differences
    }

    /// The expected lines stand in the log, in their order; others may stand between.
    private func logDifferences(_ test: RecipeTest) -> [String] {
        var rest = log[...]
        var differences: [String] = []
        for (index, expected) in (test.expectedLog ?? []).enumerated() {
            let found = rest.firstIndex { line in
                var actual = JSONObject([("level", .string(line.level.rawValue)), ("message", .string(line.message))])
                actual["fields"] = line.fields
                return Expectation.differences(expected, .object(actual), at: "").isEmpty
            }
            if let found {
                rest = rest[(found + 1)...]
            } else {
                let lines = log.map { "\($0.level.rawValue): \($0.message)" }.joined(separator: " | ")
                differences.append(
                    Expectation.difference(
                        "log.\(index)", expected: JSONWriter.text(expected), actual: lines.isEmpty ? "no lines" : lines)
                )
            }
        }
        return differences
    }

    private func keyValueDifferences(_ test: RecipeTest) -> [String] {
        (test.expectedKeyValues ?? [:]).sorted { $0.key < $1.key }.flatMap { key, expected in
            Expectation.differences(expected, keyValues.value(key), at: "kv.\(key)")
        }
    }
}
