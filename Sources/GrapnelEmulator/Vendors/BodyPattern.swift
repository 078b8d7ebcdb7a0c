import GrapnelCore
import GrapnelFormat

/// The body of an operation's request, with holes.
enum BodyPattern: Sendable, Hashable {
    /// No body at all.
    case none
    case json(JSONPattern)
    case form(JSONPattern)
    case text(TextPattern)
    /// A body that is taken as it is: multipart and XML.
    case opaque

    /// Reads the holes out of a body.
    func read(_ request: EmulatorRequest, into reading: inout RequestReading) {
        switch self {
        case .none:
            if !request.body.isEmpty { reading.refuse("the operation has no body") }
        case .json(let pattern):
            guard BodyPattern.isType(request, "json", into: &reading) else { return }
            do {
                pattern.read(try JSONParser.parse(request.body), at: "body", into: &reading)
            } catch {
                reading.refuse("the body is no JSON: \(error)")
            }
        case .form(let pattern):
            guard BodyPattern.isType(request, "x-www-form-urlencoded", into: &reading) else { return }
            BodyPattern.read(FormFields(parsing: request.body), pattern, into: &reading)
        case .text(let pattern):
            // An absent value leaves the body empty.
            if request.body.isEmpty, pattern.hasHole { return }
            guard let found = pattern.match(String(decoding: request.body, as: UTF8.self)) else {
                return reading.refuse("the body is not what the operation sends")
            }
            for (hole, text) in found { reading.bind(hole, toText: text) }
        case .opaque:
            reading.leaveUnread()
        }
    }

    private static func read(_ fields: FormFields, _ pattern: JSONPattern, into reading: inout RequestReading) {
        guard let patterns = FieldPattern.all(in: pattern) else {
            return pattern.read(fields.json, at: "form", into: &reading)
        }
        FieldPattern.read(fields, patterns, kind: "form field", into: &reading)
    }

    /// Whether the media type of the body, without its parameters, ends as it must.
    private static func isType(
        _ request: EmulatorRequest, _ suffix: String, into reading: inout RequestReading
    ) -> Bool {
        let type = request.headers.first("Content-Type") ?? ""
        let media = type.prefix { $0 != ";" && $0 != " " }.lowercased()
        if media.hasSuffix("/" + suffix) || media.hasSuffix("+" + suffix) { return true }
        reading.refuse("the Content-Type is \(type.isEmpty ? "missing" : type), where \(suffix) is sent")
        return false
    }
}
