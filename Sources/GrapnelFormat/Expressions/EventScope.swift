package import GrapnelCore

/// The scope of a stored event: `body headers query form event raw`.
package struct EventScope: ValueScope {
    private let event: Event
    private let body: JSON?
    private let mediaType: MediaType?

    /// The scope of `event`, whose body the caller has parsed (`nil` when there is none).
    package init(event: Event, body: JSON?) {
        self.event = event
        self.body = body
        mediaType = event.headers.first("Content-Type").flatMap { MediaType($0) }
    }

    package func root(_ name: String) -> ScopeValue? {
        switch name {
        case "body": body.map { .json($0) }
        case "headers": .headers(event.headers)
        case "query": .json(FormFields(parsing: Array(event.query.utf8)).json)
        case "form": form.map { .json($0) }
        case "raw": .bytes(event.raw)
        case "event": .json(.object(facts))
        default: nil
        }
    }

    package func isForm(_ name: String) -> Bool {
        name == "form" || name == "query" || name == "body" && mediaType?.isForm == true
    }

    private var form: JSON? {
        switch mediaType {
        case .some(let type) where type.isURLEncodedForm: body
        case .some(let type) where type.isMultipartForm: body?["fields"]
        default: nil
        }
    }

    private var facts: JSONObject {
        var facts = JSONObject([
            ("id", .string(event.id.description)), ("type", .string(event.type)), ("source", .string(event.source)),
            ("received_at", .string(event.receivedAt.description)),
        ])
        if let deliveryID = event.deliveryID { facts.append("delivery_id", .string(deliveryID)) }
        return facts
    }
}
