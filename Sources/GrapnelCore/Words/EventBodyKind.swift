/// How `event.body` comes out of what is stored.
package enum EventBodyKind: String, Sendable, Hashable {
    /// The raw bytes are JSON and are the body.
    case json
    /// The body is a JSON value apart from the raw bytes: a parsed form, multipart or XML body, or an element of a batch.
    case value
    /// The raw bytes are text, and are the body.
    case text
    /// There is no body value; `raw` is all there is.
    case absent
}
