import GrapnelCore
import GrapnelFormat

/// One operation of a vendor, seen from the vendor's side.
struct VendorOperation: Sendable {
    /// Where its requests go.
    enum Place: Sendable, Hashable {
        /// Below the base URL.
        case path(PathPattern)
        /// To a URL that a credential or the input holds: any path.
        case anywhere(TextPattern)
    }

    let name: String
    let method: TextPattern
    let place: Place
    let query: [FieldPattern]
    let headers: [FieldPattern]
    let body: BodyPattern
    let schema: JSONSchema
    /// The header in which the vendor takes an idempotency key.
    let idempotencyHeader: String?
    /// The sample.
    let reply: HTTPReply

    init(_ definition: OperationDefinition) {
        let request = definition.request
        name = definition.name
        method = TextPattern(request.method)
        place =
            request.url.map { .anywhere(TextPattern($0)) }
            ?? .path(PathPattern(request.path))
        query = request.query.map { FieldPattern(name: $0.name, value: TextPattern($0.value)) }
        headers = request.headers.map { FieldPattern(name: $0.name, value: TextPattern($0.value)) }
        body = BodyPattern(request.body)
        schema = definition.input
        idempotencyHeader = definition.idempotency?.header
        reply = HTTPReply(definition.sample)
    }

    /// How much of method and place is fixed: a fixed path goes before one with holes, and that before any URL.
    var definiteness: Int {
        let fixedMethod = method.hasHole ? 0 : 1
        guard case .path(let path) = place else { return fixedMethod }
        return 2 + 2 * path.fixedCount + fixedMethod
    }

    /// Whether a credential is the URL itself, so that nothing else proves who sends.
    var isURLSecret: Bool {
        guard case .anywhere(let url) = place else { return false }
        return url.wholeHole?.root == "credential"
    }

    /// What stands in the holes of method and path; `nil` when a request belongs to another operation.
    func match(
        method sent: String, segments: [String], url: String
    ) -> [(hole: PatternHole, text: String)]? {
        guard let inMethod = method.match(sent) else { return nil }
        switch place {
        case .path(let pattern): return pattern.match(segments).map { inMethod + $0 }
        case .anywhere(let pattern): return pattern.match(url).map { inMethod + $0 }
        }
    }

    /// Reads the operation's input back out of a request.
    func read(_ request: EmulatorRequest, holes: [(hole: PatternHole, text: String)]) -> RequestReading {
        var reading = RequestReading(types: InputTypes(schema: schema.definition))
        for (hole, text) in holes { reading.bind(hole, toText: text) }
        if case .path = place {
            FieldPattern.read(
                FormFields(parsing: Array(request.query.utf8)), query, kind: "query parameter", into: &reading)
        }
        for header in headers {
            guard let value = request.headers.first(header.name), let found = header.value.match(value) else {
                continue
            }
            for (hole, text) in found { reading.bind(hole, toText: text) }
        }
        body.read(request, into: &reading)
        return reading
    }
}
