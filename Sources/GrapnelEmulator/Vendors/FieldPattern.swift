import GrapnelCore
import GrapnelFormat

/// One field of a query or of a form, with holes in its value.
struct FieldPattern: Sendable, Hashable {
    let name: String
    let value: TextPattern

    /// The fields of a form whose names are all known; `nil` when the whole form is one value, or a value is a tree.
    static func all(in pattern: JSONPattern) -> [FieldPattern]? {
        guard case .object(let members) = pattern else { return nil }
        var fields: [FieldPattern] = []
        for member in members {
            switch member.pattern {
            case .text(let text): fields.append(FieldPattern(name: member.key, value: text))
            case .literal(let value):
                let text = value.string ?? JSONWriter.text(value)
                fields.append(FieldPattern(name: member.key, value: TextPattern([.literal(text)])))
            case .array, .object: return nil
            }
        }
        return fields
    }

    /// Reads the holes of all fields out of what was sent, and notes fields that the operation never sends.
    ///
    /// - Parameter kind: What a field is called where something is wrong, such as `form field`.
    static func read(
        _ fields: FormFields, _ patterns: [FieldPattern], kind: String, into reading: inout RequestReading
    ) {
        for field in fields.fields where !patterns.contains(where: { $0.name == field.name }) {
            reading.refuse("\(kind) \(field.name) is none of this operation's")
        }
        for pattern in patterns {
            pattern.read(fields.values(pattern.name), kind: kind, into: &reading)
        }
    }

    private func read(_ values: [String], kind: String, into reading: inout RequestReading) {
        guard let first = values.first else {
            if !value.hasHole { reading.refuse("\(kind) \(name) is missing") }
            return
        }
        if let hole = value.wholeHole {
            if hole.reading == .plain, reading.wantsArray(hole) || values.count > 1 {
                return reading.bind(hole, to: .array(values.map { .string($0) }))
            }
            return reading.bind(hole, toText: first)
        }
        guard values.count == 1, let found = value.match(first) else {
            return reading.refuse("\(kind) \(name) is not what the operation sends there")
        }
        for (hole, text) in found { reading.bind(hole, toText: text) }
    }
}
