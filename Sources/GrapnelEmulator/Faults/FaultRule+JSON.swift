package import GrapnelCore

extension FaultRule {
    private static let keys = [
        "fault", "connector", "operation", "status", "count", "retry_after", "probability", "delay",
    ]

    /// The rule that a document of the control interface asks for.
    ///
    /// - Parameter connectors: The names of the stand-ins and of their operations, to refuse what could never be hit.
    package init(document: JSON, connectors: [String: [String]]) throws(FaultRuleError) {
        guard let object = document.object else { throw FaultRuleError("a fault is a JSON object") }
        for key in object.keys where !FaultRule.keys.contains(key) {
            throw FaultRuleError("\(key) is no key of a fault: \(FaultRule.keys.joined(separator: ", "))")
        }
        let names = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
        guard let kind = document["fault"]?.string.flatMap(FaultKind.init) else {
            throw FaultRuleError("fault must be one of \(names)")
        }
        self.init(kind)
        if let value = document["connector"] {
            guard let name = value.string, connectors[name] != nil else {
                throw FaultRuleError("connector must be one of \(connectors.keys.sorted().joined(separator: ", "))")
            }
            connector = name
        }
        if let value = document["operation"] {
            let known = connector.flatMap { connectors[$0] } ?? connectors.values.flatMap { $0 }
            guard let name = value.string, known.contains(name) else {
                throw FaultRuleError("operation must be one of \(known.sorted().joined(separator: ", "))")
            }
            operation = name
        }
        status = try FaultRule.whole(document, "status", in: 300...599) ?? status
        count = try FaultRule.whole(document, "count", in: 1...1_000_000_000)
        retryAfterSeconds = try FaultRule.whole(document, "retry_after", in: 0...86_400)
        if let value = document["probability"] {
            guard let share = value.double, (0...1).contains(share) else {
                throw FaultRuleError("probability must be a number from 0 to 1")
            }
            probability = share
        }
        if let value = document["delay"] {
            guard let delay = value.string.flatMap(Duration.init(text:)), delay <= .seconds(3600) else {
                throw FaultRuleError("delay must be a duration of at most 1h, such as 250ms or 2s")
            }
            self.delay = delay
        }
    }

    /// The rule as the control interface lists it.
    package var document: JSON {
        var object = JSONObject([("fault", .string(kind.rawValue))])
        if let connector { object.append("connector", .string(connector)) }
        if let operation { object.append("operation", .string(operation)) }
        if kind == .fail { object.append("status", .integer(Int64(status))) }
        if let count { object.append("count", .integer(Int64(count))) }
        if let retryAfterSeconds { object.append("retry_after", .integer(Int64(retryAfterSeconds))) }
        object.append("probability", .number(probability))
        if kind == .slow { object.append("delay", .string(delay.text)) }
        return .object(object)
    }

    private static func whole(
        _ document: JSON, _ key: String, in range: ClosedRange<Int64>
    ) throws(FaultRuleError) -> Int? {
        guard let value = document[key] else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw FaultRuleError("\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(number)
    }
}
