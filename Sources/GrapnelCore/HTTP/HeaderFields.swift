/// The header fields of an HTTP message, in order, repeated ones kept. Names compare without case (RFC 9110 §5.1).
package struct HeaderFields: Sendable, Hashable {
    /// One field line.
    package struct Field: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Every field, in order.
    package private(set) var fields: [Field]

    package init(_ fields: [Field] = []) {
        self.fields = fields
    }

    package init(_ pairs: [(String, String)]) {
        fields = pairs.map { Field(name: $0.0, value: $0.1) }
    }

    /// Adds a field line.
    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Replaces every field of this name by one.
    package mutating func set(_ name: String, _ value: String) {
        remove(name)
        append(name, value)
    }

    /// Removes every field of this name.
    package mutating func remove(_ name: String) {
        fields.removeAll { HeaderFields.isSame($0.name, name) }
    }

    /// The value of the first field of this name.
    package func first(_ name: String) -> String? {
        fields.first { HeaderFields.isSame($0.name, name) }?.value
    }

    /// The values of all fields of this name, in order.
    package func values(_ name: String) -> [String] {
        fields.compactMap { HeaderFields.isSame($0.name, name) ? $0.value : nil }
    }

    /// Whether two names are the same, without regard to ASCII case.
    package static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (left.utf8, right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { $0 == $1 || lower($0) == lower($1) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension HeaderFields {
    /// `name: value` lines: what a table stores. Values hold no line ends, so the form is exact.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for field in fields {
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(contentsOf: field.value.utf8)
            bytes.append(0x0A)
        }
        return bytes
    }

    /// The fields that `encoded` wrote.
    package init(encoded bytes: [UInt8]) {
        fields = bytes.split(separator: 0x0A).compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            return Field(
                name: String(decoding: line[..<colon], as: UTF8.self),
                value: String(decoding: line[(colon + 1)...], as: UTF8.self))
        }
    }
}
