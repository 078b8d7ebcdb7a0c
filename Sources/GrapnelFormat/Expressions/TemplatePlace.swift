/// Where the value of a placeholder is put, and so how it is escaped.
package enum TemplatePlace: Sendable, Hashable, CaseIterable {
    /// One segment of a URL's path: everything but unreserved characters is escaped; `/`, `.`, `..` and nothing at all
    /// are refused, so that a value cannot lead to another resource.
    case pathSegment
    /// A name or value of a URL's query.
    case queryValue
    /// A header value: line ends and NUL are refused.
    case header
    /// A name or value of a form (`application/x-www-form-urlencoded`).
    case form
    /// Text or an attribute of XML; characters that XML cannot hold become U+FFFD.
    case xml
    /// Inside a JSON tree: the writer escapes.
    case json
    /// Plain text: nothing is escaped.
    case text

    func escape(
        _ value: String, of placeholder: Placeholder, in template: Template
    ) throws(ExpressionError) -> String {
        switch self {
        case .pathSegment:
            if value.isEmpty || value == "." || value == ".." || value.utf8.contains(UInt8(ascii: "/")) {
                let shown = value.isEmpty ? "is empty" : "has / or is . or .."
                throw ExpressionError(
                    .unsuitable, "the value of \(placeholder.path) \(shown), which a part of a path cannot be",
                    expression: template.source)
            }
            return PercentEncoding.encode(value)
        case .queryValue:
            return PercentEncoding.encode(value)
        case .header:
            guard !value.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) else {
                throw ExpressionError(
                    .unsuitable, "the value of \(placeholder.path) has a line end, which a header cannot hold",
                    expression: template.source)
            }
            return value
        case .form: return PercentEncoding.encodeForm(value)
        case .xml: return XMLBody.escape(value)
        case .json, .text: return value
        }
    }
}
