import GrapnelCore

/// XML as plain values: an element is its text, or an object of its attributes (`@name`), its children and its text
/// (`#text`); repeated children are an array. Names keep their prefix.
///
/// Bounded, and without document types, so that there are no entities to expand and nothing to fetch.
package enum XMLBody {
    /// How deep elements may be nested.
    package static let maximumDepth = 64
    /// The most elements and attributes of a document.
    package static let maximumNodes = 100_000

    /// `{ root: … }` of the document that `bytes` spell in UTF-8.
    static func parse(_ bytes: [UInt8]) throws(BodyError) -> JSON {
        var parser = XMLParser(bytes)
        return try parser.document()
    }

    /// `text` for content or a quoted attribute; characters that XML 1.0 cannot hold become U+FFFD.
    package static func escape(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result.unicodeScalars.append("\u{FFFD}")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
