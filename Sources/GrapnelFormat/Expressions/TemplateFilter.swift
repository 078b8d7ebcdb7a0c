package import GrapnelCore

/// What a placeholder does to its value: one of a fixed list.
package enum TemplateFilter: Sendable, Hashable {
    /// The value as JSON text.
    case json
    /// Percent-encoded text (RFC 3986 unreserved characters stay).
    case urlencode
    /// An object as `name=value&…`; any other value encoded for a form.
    case form
    /// An object's names and values one after the other: names sorted, values sorted within a name, repeats once.
    case sortedPairs
    case base64
    case base64url
    case hex
    case lower
    case upper
    /// Without white space around it.
    case trim
    /// A digest: hexadecimal unless `base64` or another encoding follows.
    case sha256
    case md5
    /// The check of ISO 3309 as a decimal number.
    case crc32
    /// Escaped for XML.
    case xml
    /// This value where the path is absent or null.
    case defaultValue(JSON)
    /// The elements of an array as text with this between them.
    case join(String)
    /// A time in RFC 3339, UTC. Times are read from RFC 3339, from seconds and from milliseconds.
    case iso8601
    /// A time in whole seconds since 1970.
    case unix
    /// A time in a pattern of `strftime` letters, UTC.
    case date(DatePattern)
    /// At most so many characters.
    case truncate(Int)
    /// The text up to the first of this; all of it where there is none.
    case before(String)
    /// The text after the first of this; nothing where there is none.
    case after(String)

    /// The names that can be written.
    package static let names = [
        "json", "urlencode", "form", "sorted-pairs", "base64", "base64url", "hex", "lower", "upper", "trim", "sha256",
        "md5", "crc32", "xml", "default", "join", "iso8601", "unix", "date", "truncate",
        "before", "after",
    ]

    /// Why a filter cannot take a value: what follows "the value of …".
    struct Unsuitable: Error {
        let message: String
    }

    init(_ parser: inout ExpressionParser) throws(ExpressionError) {
        let start = parser.position
        let name = try parser.filterName()
        var argument: JSON?
        if parser.take(":") {
            parser.skipSpace()
            argument = try parser.argument()
        }
        switch (name, argument) {
        case ("json", nil): self = .json
        case ("urlencode", nil): self = .urlencode
        case ("form", nil): self = .form
        case ("sorted-pairs", nil): self = .sortedPairs
        case ("base64", nil): self = .base64
        case ("base64url", nil): self = .base64url
        case ("hex", nil): self = .hex
        case ("lower", nil): self = .lower
        case ("upper", nil): self = .upper
        case ("trim", nil): self = .trim
        case ("sha256", nil): self = .sha256
        case ("md5", nil): self = .md5
        case ("crc32", nil): self = .crc32
        case ("xml", nil): self = .xml
        case ("default", .some(let value)): self = .defaultValue(value)
        case ("join", .some(.string(let separator))): self = .join(separator)
        case ("before", .some(.string(let mark))) where !mark.isEmpty: self = .before(mark)
        case ("after", .some(.string(let mark))) where !mark.isEmpty: self = .after(mark)
        case ("iso8601", nil): self = .iso8601
        case ("unix", nil): self = .unix
        case ("date", .some(.string(let pattern))):
            guard let pattern = DatePattern(pattern) else {
                throw parser.error(
                    "a date pattern has %Y %m %d %H %M %S %L %e %j %a %b %y %% and plain text", at: start)
            }
            self = .date(pattern)
        case ("truncate", .some(let count)):
            guard let count = TemplateFilter.count(count) else {
                throw parser.error("truncate needs a number, such as truncate:'200'", at: start)
            }
            self = .truncate(count)
        default:
            throw parser.error(TemplateFilter.complaint(name, hasArgument: argument != nil), at: start)
        }
    }

    private static func count(_ argument: JSON) -> Int? {
        switch argument {
        case .string(let text): Int(text).flatMap { $0 >= 0 ? $0 : nil }
        case .integer(let value): Int(exactly: value).flatMap { $0 >= 0 ? $0 : nil }
        default: nil
        }
    }

    private static func complaint(_ name: String, hasArgument: Bool) -> String {
        switch name {
        case "default": "default needs a value, such as default:'none' or default:null"
        case "join": "join needs a text, such as join:', '"
        case "date": "date needs a pattern, such as date:'%Y-%m-%d'"
        case "truncate": "truncate needs a number, such as truncate:'200'"
        case "before", "after": "\(name) needs a text, such as \(name):'.'"
        case _ where names.contains(name) && hasArgument: "\(name) takes no argument"
        default: "unknown filter \(name); there are \(names.joined(separator: " "))"
        }
    }
}
