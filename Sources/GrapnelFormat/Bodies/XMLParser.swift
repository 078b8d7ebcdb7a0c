import GrapnelCore

/// The parser behind `XMLBody`: one pass over the bytes.
struct XMLParser {
    private let bytes: [UInt8]
    private var position = 0
    private var nodes = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(BodyError) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        try skipAside()
        guard take("<") else { throw error("expected an element") }
        let (name, value) = try element(depth: 1)
        try skipAside()
        guard position == bytes.count else { throw error("text after the last element") }
        return .object(JSONObject([(name, value)]))
    }

    private func error(_ message: String) -> BodyError {
        BodyError(message: message, offset: position)
    }

    private func sees(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
        return true
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard sees(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, XMLParser.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// Up to and with `end`; what is between is returned.
    private mutating func through(_ end: StaticString) throws(BodyError) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count {
            let here = position
            if take(end) { return bytes[start..<here] }
            position += 1
        }
        position = start
        throw error("expected \(end)")
    }

    /// White space, comments, processing instructions and the declaration, before and after the root element.
    private mutating func skipAside() throws(BodyError) {
        while true {
            skipSpace()
            if take("<!--") {
                _ = try through("-->")
            } else if take("<?") {
                _ = try through("?>")
            } else if sees("<!") {
                throw error("document types are not read")
            } else {
                return
            }
        }
    }

    private mutating func name() throws(BodyError) -> String {
        let start = position
        while position < bytes.count, XMLParser.isNameByte(bytes[position]) { position += 1 }
        guard position > start else { throw error("expected a name") }
        return try text(bytes[start..<position])
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"), 0x80...:
            true
        default: false
        }
    }

    private func text(_ slice: ArraySlice<UInt8>) throws(BodyError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw error("text is not UTF-8") }
        return text
    }

    private mutating func count() throws(BodyError) {
        nodes += 1
        guard nodes <= XMLBody.maximumNodes else {
            throw error("more than \(XMLBody.maximumNodes) elements and attributes")
        }
    }

    /// An element whose `<` was read.
    private mutating func element(depth: Int) throws(BodyError) -> (name: String, value: JSON) {
        guard depth <= XMLBody.maximumDepth else { throw error("nested deeper than \(XMLBody.maximumDepth)") }
        try count()
        let name = try name()
        var collected = XMLElement()
        while true {
            let before = position
            skipSpace()
            if take("/>") { return (name, collected.value) }
            if take(">") { break }
            guard position > before else { throw error("expected a space, / or >") }
            try count()
            let attribute = try self.name()
            skipSpace()
            guard take("=") else { throw error("expected = after an attribute's name") }
            skipSpace()
            collected.add("@" + attribute, .string(try attributeValue()))
        }
        try content(of: name, into: &collected, depth: depth)
        return (name, collected.value)
    }

    private mutating func attributeValue() throws(BodyError) -> String {
        let raw: ArraySlice<UInt8>
        if take("\"") {
            raw = try through("\"")
        } else if take("'") {
            raw = try through("'")
        } else {
            throw error("expected a quoted value")
        }
        guard !raw.contains(UInt8(ascii: "<")) else { throw error("< in an attribute") }
        return try text(try unescaped(raw)[...])
    }

    private mutating func content(
        of name: String, into collected: inout XMLElement, depth: Int
    ) throws(BodyError) {
        while position < bytes.count {
            if take("</") {
                guard try self.name() == name else { throw error("another element ends than began, \(name)") }
                skipSpace()
                guard take(">") else { throw error("expected >") }
                return
            }
            if take("<![CDATA[") {
                collected.text += try text(try through("]]>"))
            } else if take("<!--") {
                _ = try through("-->")
            } else if take("<?") {
                _ = try through("?>")
            } else if sees("<!") {
                throw error("declarations are not read")
            } else if take("<") {
                let child = try element(depth: depth + 1)
                collected.add(child.name, child.value)
            } else {
                let start = position
                while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
                collected.text += try text(try unescaped(bytes[start..<position])[...])
            }
        }
        throw error("\(name) does not end")
    }

    /// The five named entities and numbers; there are no others without a document type.
    private func unescaped(_ raw: ArraySlice<UInt8>) throws(BodyError) -> [UInt8] {
        guard raw.contains(UInt8(ascii: "&")) else { return Array(raw) }
        var result: [UInt8] = []
        var index = raw.startIndex
        while index < raw.endIndex {
            guard raw[index] == UInt8(ascii: "&") else {
                result.append(raw[index])
                index += 1
                continue
            }
            guard let end = raw[index...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let scalar = XMLParser.entity(String(decoding: raw[(index + 1)..<end], as: UTF8.self))
            else { throw error("an entity that is not known") }
            result.append(contentsOf: String(Character(scalar)).utf8)
            index = end + 1
        }
        return result
    }

    private static func entity(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        guard name.hasPrefix("#") else { return nil }
        let isHex = name.hasPrefix("#x")
        let digits = name.dropFirst(isHex ? 2 : 1)
        guard !digits.hasPrefix("+"), !digits.hasPrefix("-"), let value = UInt32(digits, radix: isHex ? 16 : 10),
            value > 0
        else { return nil }
        return Unicode.Scalar(value)
    }
}
