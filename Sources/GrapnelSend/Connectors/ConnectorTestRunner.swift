import GrapnelCore
package import GrapnelFormat

/// Runs the tests of a connector without sending anything: what would leave, and what an answer would mean.
package enum ConnectorTestRunner {
    /// The connection that a test runs on unless it says otherwise.
    private static let exampleURL = "https://connection.example.com"

    /// What of a test does not hold; empty when it passes.
    package static func run(_ test: ConnectorTest, of connector: ConnectorDefinition) -> [String] {
        guard let operation = connector.operation(test.operation) else {
            return ["there is no operation \(test.operation)"]
        }
        let violations = operation.input.violations(of: test.input)
        guard violations.isEmpty else { return violations.map { "input: \($0)" } }
        switch prepare(test, operation, of: connector) {
        case .failure(let failure):
            return test.expectedURL == nil
                ? compareOutcome(OperationOutcome(failure), test) : ["no request was made: \(failure.message)"]
        case .success(let sent):
            let sample = operation.reconcile.flatMap { connector.operation($0.operation) } ?? operation
            let answer = test.answer ?? (test.isLookup ? sample : operation).sample
            let outcome = sent.outcome(of: .success(answer.response), now: time(of: test))
            return compareRequest(sent.request, test) + compareOutcome(outcome, test)
        }
    }

    /// What a test is about: a request of an operation, or the question whether it took place.
    private enum Sent {
        case operation(PreparedRequest)
        case lookup(PreparedLookup)

        var request: EgressRequest {
            switch self {
            case .operation(let prepared): prepared.request
            case .lookup(let lookup): lookup.prepared.request
            }
        }

        /// What came of it; of a question that brought nothing to light, that it had not taken place.
        func outcome(of result: Result<EgressResponse, EgressFailure>, now: Timestamp) -> OperationOutcome {
            switch self {
            case .operation(let prepared): return prepared.outcome(of: result, now: now)
            case .lookup(let lookup):
                switch lookup.answer(of: lookup.prepared.outcome(of: result, now: now)) {
                case .found(let output, let status): return .confirmed(output, status: status)
                case .missing: return .failed(.notFound)
                case .failed(let failure): return OperationOutcome(failure)
                }
            }
        }
    }

    private static func time(of test: ConnectorTest) -> Timestamp {
        test.now ?? Timestamp(milliseconds: 1_767_603_600_000)
    }

    private static func prepare(
        _ test: ConnectorTest, _ operation: OperationDefinition, of connector: ConnectorDefinition
    ) -> Result<Sent, CallFailure> {
        let known = Connection.credentialNames(of: connector)
        // A test that names no credentials gets each under its own name.
        let values =
            test.credentials.isEmpty && connector.authChoices.count < 2
            ? Dictionary(known.map { ($0, $0) }, uniquingKeysWith: { first, _ in first }) : test.credentials
        let configuration = ConnectionConfiguration(
            name: connector.id, connector: connector.id,
            credentials: Dictionary(values.keys.map { ($0, $0) }, uniquingKeysWith: { first, _ in first }),
            baseURL: test.baseURL ?? connector.baseURL ?? exampleURL)
        let context = SendingContext(
            idempotencyKey: test.key ?? "h1_test", event: Identifier(high: 0, low: 1), run: Identifier(high: 0, low: 2),
            recipe: "test", now: time(of: test))
        do throws(ConnectionError) {
            let connection = try Connection(configuration, connector: connector)
            do throws(CallFailure) {
                let secrets = TestSecrets(values: values)
                return .success(
                    test.isLookup
                        ? .lookup(
                            try PreparedLookup.make(
                                connection, operation, input: test.input, secrets: secrets, context: context))
                        : .operation(
                            try PreparedRequest.make(
                                connection, operation, input: test.input, secrets: secrets, context: context)))
            } catch {
                return .failure(error)
            }
        } catch {
            return .failure(OperationRequest.refusal("connection", error.message))
        }
    }

    private struct TestSecrets: SecretReading {
        let values: [String: String]

        func secret(named name: String) -> [UInt8]? { values[name].map { Array($0.utf8) } }
    }

    private static func compareRequest(_ request: EgressRequest, _ test: ConnectorTest) -> [String] {
        var faults: [String] = []
        func compare(_ what: String, _ expected: String?, _ actual: String) {
            guard let expected, !ExpectedText.matches(expected, actual) else { return }
            faults.append("\(what): expected \(expected), but it is \(actual)")
        }
        compare("method", test.expectedMethod, request.method)
        compare("url", test.expectedURL, request.url.text)
        if let expected = test.expectedHeaders {
            for (name, value) in expected.sorted(by: { $0.key < $1.key }) {
                let actual = request.headers.values(name).joined(separator: ", ")
                compare("header \(name)", value, actual.isEmpty ? "absent" : actual)
            }
            for field in request.headers.fields
            where !expected.keys.contains(where: { HeaderFields.isSame($0, field.name) }) {
                faults.append("header \(field.name): not expected, but it is \(field.value)")
            }
        }
        guard let expected = test.expectedBody else { return faults }
        let text = String(decoding: request.body, as: UTF8.self)
        let isJSON = request.headers.first("Content-Type")?.lowercased().contains("json") == true
        let actual: JSON = isJSON ? (try? JSONParser.parse(request.body)) ?? .string(text) : .string(text)
        if !ExpectedText.matches(expected, actual) {
            faults.append("body: expected \(JSONWriter.text(expected)), but it is \(JSONWriter.text(actual))")
        }
        return faults
    }

    private static func compareOutcome(_ outcome: OperationOutcome, _ test: ConnectorTest) -> [String] {
        switch (outcome, test.error) {
        case (.confirmed(let output, _), nil):
            guard let expected = test.output, !ExpectedText.matches(expected, output) else { return [] }
            return ["output: expected \(JSONWriter.text(expected)), but it is \(JSONWriter.text(output))"]
        case (.confirmed(let output, _), .some):
            return ["error: expected one, but the output is \(JSONWriter.text(output))"]
        case (.failed(let failure), nil), (.unknown(let failure), nil):
            return ["error: none expected, but it is \(failure.code): \(failure.message)"]
        case (.failed(let failure), let expected?), (.unknown(let failure), let expected?):
            return compareError(failure, expected)
        }
    }

    private static func compareError(_ failure: CallFailure, _ expected: JSON) -> [String] {
        let actual: [(String, JSON)] = [
            ("code", .string(failure.code)), ("message", .string(failure.message)),
            ("status", failure.status.map { .integer(Int64($0)) } ?? .null), ("retryable", .bool(failure.isRetryable)),
            ("outcome", .string(failure.outcome.rawValue)),
            ("retry_after", failure.retryAfter.map { .string($0.text) } ?? .null),
        ]
        let known = Set(actual.map(\.0))
        let strange = (expected.object?.keys ?? []).filter { !known.contains($0) }
        return strange.map { "error: there is no \($0); there are \(actual.map(\.0).joined(separator: ", "))" }
            + actual.compactMap { key, value in
                guard let wanted = expected[key] else { return nil }
                if key == "retry_after", let text = wanted.string, Duration(text: text) == failure.retryAfter {
                    return nil
                }
                if ExpectedText.matches(wanted, value) { return nil }
                return "error.\(key): expected \(JSONWriter.text(wanted)), but it is \(JSONWriter.text(value))"
            }
    }
}

extension SampleResponse {
    /// The sample as an answer.
    var response: EgressResponse {
        var fields = HeaderFields(headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        if json != nil, fields.first("Content-Type") == nil { fields.append("Content-Type", "application/json") }
        let body = json.map { JSONWriter.bytes($0) } ?? Array((text ?? "").utf8)
        return EgressResponse(status: status, headers: fields, body: body)
    }
}
