import GrapnelCore
import GrapnelFormat

/// The body of a sample while it is changed. Bytes that nobody changes stay as they are.
struct SampleBody {
    private let type: String
    private let format: Sample.Format
    private(set) var bytes: [UInt8]

    init(_ sample: Sample) {
        type = sample.type
        format = sample.format
        bytes = sample.body
    }

    /// Sets the value at a path; `value` is asked for each place that a path with `.*` leads to.
    mutating func set(_ path: PathExpression, _ value: (Int) throws(SampleError) -> SampleChange) throws(SampleError) {
        switch format {
        case .form:
            guard path.steps.count == 1, let name = SampleBody.name(path.steps[0]) else {
                throw .unsuitablePath(path.description, reason: "a form has names and texts, nothing below them")
            }
            let texts = try value(0).texts.map { FormFields.Field(name: name, value: $0) }
            var fields = FormFields(parsing: bytes).fields
            let place = fields.firstIndex { $0.name == name } ?? fields.count
            fields.removeAll { $0.name == name }
            fields.insert(contentsOf: texts, at: min(place, fields.count))
            bytes = Array(FormFields(fields).encoded.utf8)
        case .json:
            guard path.root == "body" else {
                throw .unsuitablePath(path.description, reason: "the sample is JSON: write body.")
            }
            let document: JSON
            do {
                document = try JSONParser.parse(bytes)
            } catch {
                throw .malformedBody(type: type, reason: "\(error)")
            }
            var count = 0
            bytes = JSONWriter.bytes(try SampleBody.setting(document, path.steps[...], path, &count, value))
        case .xml, .text:
            throw .unsuitablePath(path.description, reason: "only samples in JSON and forms can be changed")
        }
    }

    private static func name(_ step: PathExpression.Step) -> String? {
        switch step {
        case .key(let key): key
        case .index(let index): String(index)
        case .any: nil
        }
    }

    private static func setting(
        _ document: JSON, _ steps: ArraySlice<PathExpression.Step>, _ path: PathExpression, _ count: inout Int,
        _ value: (Int) throws(SampleError) -> SampleChange
    ) throws(SampleError) -> JSON {
        guard let step = steps.first else {
            count += 1
            return try value(count - 1).value
        }
        let rest = steps.dropFirst()
        switch (step, document) {
        case (.any, .array(var elements)):
            for index in elements.indices {
                elements[index] = try setting(elements[index], rest, path, &count, value)
            }
            return .array(elements)
        case (.index(let index), .array(var elements)):
            guard index <= elements.count else {
                throw .unsuitablePath(path.description, reason: "the list has \(elements.count) elements")
            }
            if index == elements.count { elements.append(.null) }
            elements[index] = try setting(elements[index], rest, path, &count, value)
            return .array(elements)
        case (.key, .object(var object)), (.index, .object(var object)):
            guard let key = name(step) else { return document }
            object[key] = try setting(object[key] ?? .null, rest, path, &count, value)
            return .object(object)
        case (.key(let key), .null):
            return .object(JSONObject([(key, try setting(.null, rest, path, &count, value))]))
        default:
            throw .unsuitablePath(path.description, reason: "the sample has no such place")
        }
    }
}
