package import GrapnelCore

/// The scope of an inbound request: `raw body headers query form url method`, and what its user adds:
/// `timestamp secret item event`.
package struct RequestScope: ValueScope {
    private let request: InboundRequest
    /// The body; parsed each time a path asks for it when `nil`.
    package var parsed: ParsedBody?
    /// The URL as the vendor writes it; the request's own when `nil`.
    package var url: String?
    /// The signed time as it was sent.
    package var timestamp: String?
    /// A key, for digests that begin or end with it.
    package var secret: [UInt8]?
    /// The element of a batch that is looked at.
    package var item: JSON?
    /// What is known of the event that the request became.
    package var event: JSON?

    package init(_ request: InboundRequest, parsed: ParsedBody? = nil) {
        self.request = request
        self.parsed = parsed
    }

    package func root(_ name: String) -> ScopeValue? {
        switch name {
        case "raw": .bytes(request.body)
        case "headers": .headers(request.headers)
        case "body": body.json.map { .json($0) }
        case "form": form
        case "query": .json(FormFields(parsing: Array(request.query.utf8)).json)
        case "url": .json(.string(url ?? request.url))
        case "method": .json(.string(request.method))
        case "timestamp": timestamp.map { .json(.string($0)) }
        case "secret": secret.map { .bytes($0) }
        case "item": item.map { .json($0) }
        case "event": event.map { .json($0) }
        default: nil
        }
    }

    package func isForm(_ name: String) -> Bool {
        switch name {
        case "form", "query": true
        case "body": request.headers.first("Content-Type").flatMap { MediaType($0) }?.isForm == true
        default: false
        }
    }

    private var body: ParsedBody {
        parsed ?? ParsedBody.parse(raw: request.body, contentType: request.headers.first("Content-Type"))
    }

    /// A request without a form has an empty one, so that what is signed can name it either way; a form that cannot be
    /// read is absent, so that nothing of it passes unsigned.
    private var form: ScopeValue? {
        let body = body
        if let form = body.form { return .json(form.json) }
        let isUnreadable = isForm("body") && body.parseError != nil
        return isUnreadable ? nil : .json(.object(JSONObject()))
    }
}
