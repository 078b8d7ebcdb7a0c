import GrapnelCore

/// A JSON value with holes: the inverse of a body template.
indirect enum JSONPattern: Sendable, Hashable {
    case literal(JSON)
    case text(TextPattern)
    case array([JSONPattern])
    case object([Member])

    struct Member: Sendable, Hashable {
        let key: String
        let pattern: JSONPattern
    }

    /// Whether any part of it comes from a value, so that it may be absent.
    var hasHole: Bool {
        switch self {
        case .literal: false
        case .text(let text): text.hasHole
        case .array(let elements): elements.contains(where: \.hasHole)
        case .object(let members): members.contains { $0.pattern.hasHole }
        }
    }

    /// Reads the values of the holes out of `value`, and notes where it could not have been made from this pattern.
    func read(_ value: JSON, at place: String, into reading: inout RequestReading) {
        switch self {
        case .literal(let literal):
            if literal != value {
                reading.refuse("\(place) is \(JSONWriter.text(value)), not \(JSONWriter.text(literal))")
            }
        case .text(let text):
            if let hole = text.wholeHole { return reading.bind(hole, to: value) }
            guard let found = value.string.flatMap(text.match) else {
                return reading.refuse("\(place) is not what the operation sends there")
            }
            for (hole, text) in found { reading.bind(hole, to: .string(text)) }
        case .array(let patterns):
            guard let elements = value.array else { return reading.refuse("\(place) is no array") }
            JSONPattern.read(elements, patterns, at: place, into: &reading)
        case .object(let members):
            guard let object = value.object else { return reading.refuse("\(place) is no object") }
            JSONPattern.read(object, members, at: place, into: &reading)
        }
    }

    private static func read(
        _ elements: [JSON], _ patterns: [JSONPattern], at place: String, into reading: inout RequestReading
    ) {
        guard elements.count <= patterns.count else {
            return reading.refuse("\(place) has \(elements.count) elements, the operation sends \(patterns.count)")
        }
        // An element whose value is absent is left out, and then it cannot be told which one that was.
        guard elements.count == patterns.count else { return reading.leaveUnread() }
        for (index, pair) in zip(elements, patterns).enumerated() {
            pair.1.read(pair.0, at: "\(place)[\(index)]", into: &reading)
        }
    }

    private static func read(
        _ object: JSONObject, _ members: [Member], at place: String, into reading: inout RequestReading
    ) {
        for key in object.keys where !members.contains(where: { $0.key == key }) {
            reading.refuse("\(place).\(key) is no field of this operation")
        }
        for member in members {
            if let value = object[member.key] {
                member.pattern.read(value, at: "\(place).\(member.key)", into: &reading)
            } else if !member.pattern.hasHole {
                reading.refuse("\(place).\(member.key) is missing")
            }
        }
    }
}
