import GrapnelCore

/// A schema or a subschema, read once.
struct SchemaNode: Sendable {
    private enum Branch: String { case anyOf, oneOf, allOf }

    private static let ignored: Set<String> = [
        "description", "title", "default", "format", "examples", "$schema", "$id", "$comment", "deprecated",
    ]
    private static let greatestDepth = 32

    private var types: Set<String> = []
    private var required: [String] = []
    private var properties: [(name: String, schema: SchemaNode)] = []
    private var additional: Additional = .any
    private var items: [SchemaNode] = []
    private var choices: [JSON]?
    private var lengths: ClosedRange<Int> = 0...Int.max
    private var counts: ClosedRange<Int> = 0...Int.max
    private var minimum: Double?
    private var maximum: Double?
    private var exclusiveMinimum: Double?
    private var exclusiveMaximum: Double?
    private var branches: [(kind: Branch, schemas: [SchemaNode])] = []

    /// What members beside `properties` may be.
    private indirect enum Additional: Sendable {
        case any
        case none
        case fitting(SchemaNode)
    }

    init(_ definition: JSON, path: String, depth: Int) throws(JSONSchemaError) {
        func fail(_ message: String) -> JSONSchemaError { JSONSchemaError(path: path, message: message) }
        guard depth < SchemaNode.greatestDepth else { throw fail("nested deeper than \(SchemaNode.greatestDepth)") }
        if case .bool(true) = definition { return }
        guard case .object(let object) = definition else { throw fail("a schema must be a mapping") }
        var leastLength = 0, greatestLength = Int.max, leastCount = 0, greatestCount = Int.max
        for member in object.members {
            let value = member.value
            func inner(_ child: JSON, _ name: String) throws(JSONSchemaError) -> SchemaNode {
                try SchemaNode(child, path: path.isEmpty ? name : "\(path).\(name)", depth: depth + 1)
            }
            func count() throws(JSONSchemaError) -> Int {
                guard let number = value.integer, let count = Int(exactly: number), count >= 0 else {
                    throw fail("\(member.key) must be a whole number")
                }
                return count
            }
            func number() throws(JSONSchemaError) -> Double {
                guard let number = value.double else { throw fail("\(member.key) must be a number") }
                return number
            }
            switch member.key {
            case "type":
                types = Set((value.array ?? [value]).compactMap(\.string))
                let known: Set = ["object", "array", "string", "number", "integer", "boolean", "null"]
                guard !types.isEmpty, types.isSubset(of: known) else {
                    throw fail("type must be one of \(known.sorted().joined(separator: ", "))")
                }
            case "required": required = (value.array ?? []).compactMap(\.string)
            case "properties":
                for property in value.object?.members ?? [] {
                    let schema = try inner(property.value, "properties.\(property.key)")
                    properties.append((property.key, schema))
                }
            case "additionalProperties":
                switch value {
                case .bool(true): additional = .any
                case .bool(false): additional = .none
                default: additional = .fitting(try inner(value, member.key))
                }
            case "items": items = [try inner(value, member.key)]
            case "enum": choices = value.array
            case "const": choices = [value]
            case "minLength": leastLength = try count()
            case "maxLength": greatestLength = try count()
            case "minItems": leastCount = try count()
            case "maxItems": greatestCount = try count()
            case "minimum": minimum = try number()
            case "maximum": maximum = try number()
            case "exclusiveMinimum": exclusiveMinimum = try number()
            case "exclusiveMaximum": exclusiveMaximum = try number()
            case let key where Branch(rawValue: key) != nil:
                guard let kind = Branch(rawValue: key), let alternatives = value.array, !alternatives.isEmpty else {
                    throw fail("\(key) must be a list of schemas")
                }
                var schemas: [SchemaNode] = []
                for (index, alternative) in alternatives.enumerated() {
                    schemas.append(try inner(alternative, "\(key).\(index)"))
                }
                branches.append((kind, schemas))
            case let key where SchemaNode.ignored.contains(key): break
            default: throw fail("the keyword \"\(member.key)\" is not supported")
            }
        }
        guard leastLength <= greatestLength, leastCount <= greatestCount else { throw fail("the limits exclude all") }
        lengths = leastLength...greatestLength
        counts = leastCount...greatestCount
    }

    func check(_ value: JSON, path: String, violations: inout [SchemaViolation]) {
        func complain(_ message: String, at place: String? = nil) {
            violations.append(SchemaViolation(path: place ?? path, message: message))
        }
        func child(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
        if !types.isEmpty, types.isDisjoint(with: SchemaNode.types(of: value)) {
            return complain(
                "must be \(types.sorted().joined(separator: " or ")), not \(SchemaNode.typeName(of: value))")
        }
        if let choices, !choices.contains(value) {
            complain("must be one of \(choices.map { JSONWriter.text($0) }.joined(separator: ", "))")
        }
        switch value {
        case .string(let text):
            let length = text.unicodeScalars.count
            if length < lengths.lowerBound { complain("must have at least \(lengths.lowerBound) characters") }
            if length > lengths.upperBound { complain("must have at most \(lengths.upperBound) characters") }
        case .integer, .number:
            let number = value.double ?? 0
            if let minimum, number < minimum { complain("must be at least \(JSONWriter.text(ofNumber: minimum))") }
            if let maximum, number > maximum { complain("must be at most \(JSONWriter.text(ofNumber: maximum))") }
            if let exclusiveMinimum, number <= exclusiveMinimum {
                complain("must be more than \(JSONWriter.text(ofNumber: exclusiveMinimum))")
            }
            if let exclusiveMaximum, number >= exclusiveMaximum {
                complain("must be less than \(JSONWriter.text(ofNumber: exclusiveMaximum))")
            }
        case .array(let elements):
            if elements.count < counts.lowerBound { complain("must have at least \(counts.lowerBound) elements") }
            if elements.count > counts.upperBound { complain("must have at most \(counts.upperBound) elements") }
            if let schema = items.first {
                for (index, element) in elements.enumerated() where violations.count < 20 {
                    schema.check(element, path: child(String(index)), violations: &violations)
                }
            }
        case .object(let object):
            for name in required where object[name] == nil { complain("is required", at: child(name)) }
            for member in object.members where violations.count < 20 {
                if let property = properties.first(where: { $0.name == member.key }) {
                    property.schema.check(member.value, path: child(member.key), violations: &violations)
                    continue
                }
                switch additional {
                case .any: break
                case .none:
                    let hint = Spelling.nearest(to: member.key, among: properties.map(\.name))
                    complain("is unknown" + (hint.map { "; did you mean \"\($0)\"?" } ?? ""), at: child(member.key))
                case .fitting(let schema):
                    schema.check(member.value, path: child(member.key), violations: &violations)
                }
            }
        case .null, .bool: break
        }
        for branch in branches {
            let fitting = branch.schemas.filter { schema in
                var found: [SchemaViolation] = []
                schema.check(value, path: path, violations: &found)
                return found.isEmpty
            }.count
            switch branch.kind {
            case .anyOf where fitting == 0: complain("fits none of the allowed forms")
            case .oneOf where fitting != 1: complain("must fit exactly one of the allowed forms")
            case .allOf where fitting != branch.schemas.count: complain("does not fit all of the required forms")
            default: break
            }
        }
    }

    private static func types(of value: JSON) -> Set<String> {
        switch value {
        case .null: ["null"]
        case .bool: ["boolean"]
        case .integer: ["integer", "number"]
        case .number(let number): Int64(exactly: number) == nil ? ["number"] : ["number", "integer"]
        case .string: ["string"]
        case .array: ["array"]
        case .object: ["object"]
        }
    }

    private static func typeName(of value: JSON) -> String {
        if case .integer = value { return "integer" }
        return types(of: value).first ?? ""
    }
}
