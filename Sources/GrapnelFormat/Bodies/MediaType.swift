/// The value of a `Content-Type` field (RFC 9110 §8.3).
package struct MediaType: Sendable, Hashable {
    /// Before the slash, in lower case.
    package let type: String
    /// After the slash, in lower case.
    package let subtype: String
    /// Names in lower case, values unquoted.
    package let parameters: [FormFields.Field]

    /// The media type that `text` names; `nil` when there is none in it.
    package init?(_ text: String) {
        let pieces = MediaType.split(Array(text.utf8))
        guard let name = pieces.first,
            let slash = name.firstIndex(of: UInt8(ascii: "/")), slash > name.startIndex, slash + 1 < name.endIndex
        else { return nil }
        type = MediaType.lower(name[..<slash])
        subtype = MediaType.lower(name[(slash + 1)...])
        parameters = pieces.dropFirst().compactMap { piece in
            guard let equals = piece.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return FormFields.Field(
                name: MediaType.lower(piece[..<equals]), value: MediaType.unquoted(piece[(equals + 1)...]))
        }
    }

    /// The value of the parameter `name`, given in lower case.
    package func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    package var isJSON: Bool {
        type == "application" && (subtype == "json" || subtype.hasSuffix("+json"))
            || type == "text" && subtype == "json"
    }

    package var isXML: Bool {
        (type == "application" || type == "text") && (subtype == "xml" || subtype.hasSuffix("+xml"))
    }

    package var isURLEncodedForm: Bool { type == "application" && subtype == "x-www-form-urlencoded" }
    package var isMultipartForm: Bool { type == "multipart" && subtype == "form-data" }
    package var isForm: Bool { isURLEncodedForm || isMultipartForm }

    /// Splits at `;` outside quotes and trims.
    static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        var isQuoted = false
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "\\") where isQuoted: index += 1
            case UInt8(ascii: ";") where !isQuoted:
                pieces.append(trimmed(bytes[start..<index]))
                start = index + 1
            default: break
            }
            index += 1
        }
        pieces.append(trimmed(bytes[start...]))
        return pieces
    }

    static func unquoted(_ bytes: ArraySlice<UInt8>) -> String {
        let text = trimmed(bytes)
        guard text.count >= 2, text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") else {
            return String(decoding: text, as: UTF8.self)
        }
        var result: [UInt8] = []
        var isEscaped = false
        for byte in text.dropFirst().dropLast() {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                result.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func lower(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: trimmed(bytes).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let start = bytes.drop(while: isSpace)
        guard let end = start.lastIndex(where: { !isSpace($0) }) else { return start.prefix(0) }
        return start[...end]
    }
}
