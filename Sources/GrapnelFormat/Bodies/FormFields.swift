package import GrapnelCore

/// Names and values in order, as a query or a form (`application/x-www-form-urlencoded`) carries them.
package struct FormFields: Sendable, Hashable {
    /// One name and its value, both decoded.
    package struct Field: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The most fields that are read; what comes after them is not looked at.
    package static let maximumCount = 10_000

    /// The fields, in order, repeated names included.
    package private(set) var fields: [Field]

    package init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// The fields that encoded text spells. Anything is a form: a part without `=` is a name with an empty value, and
    /// what is not UTF-8 becomes U+FFFD.
    package init(parsing bytes: [UInt8]) {
        fields = []
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            guard fields.count < FormFields.maximumCount else { return }
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = PercentEncoding.decode(part[..<equals], plusIsSpace: true)
            let value = PercentEncoding.decode(part[equals...].dropFirst(), plusIsSpace: true)
            fields.append(
                Field(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
        }
    }

    /// Whether `bytes` hold more fields than are read.
    package static func isTooLong(_ bytes: [UInt8]) -> Bool {
        bytes.count(where: { $0 == UInt8(ascii: "&") }) >= maximumCount
    }

    /// The fields of an object: an array is a repeated name, and a value that is no text becomes its JSON text.
    package init(_ object: JSONObject) {
        fields = []
        for member in object.members {
            if case .array(let elements) = member.value {
                for element in elements { append(member.key, element) }
            } else {
                append(member.key, member.value)
            }
        }
    }

    private mutating func append(_ name: String, _ value: JSON) {
        switch value {
        case .null: fields.append(Field(name: name, value: ""))
        case .string(let text): fields.append(Field(name: name, value: text))
        default: fields.append(Field(name: name, value: JSONWriter.text(value)))
        }
    }

    /// The value of the first field of this name.
    package func first(_ name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// The values of all fields of this name, in order.
    package func values(_ name: String) -> [String] {
        fields.compactMap { $0.name == name ? $0.value : nil }
    }

    /// The text that spells these fields.
    package var encoded: String {
        fields.map { "\(PercentEncoding.encodeForm($0.name))=\(PercentEncoding.encodeForm($0.value))" }
            .joined(separator: "&")
    }

    /// The fields as an object; a name that occurs more than once has an array.
    package var json: JSON {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(fields.count)
        var places: [String: Int] = [:]
        for field in fields {
            guard let place = places[field.name] else {
                places[field.name] = members.count
                members.append(JSONObject.Member(key: field.name, value: .string(field.value)))
                continue
            }
            if case .array(var values) = members[place].value {
                // Taken out while it grows, so that a long list is not copied for every value.
                members[place].value = .null
                values.append(.string(field.value))
                members[place].value = .array(values)
            } else {
                members[place].value = .array([members[place].value, .string(field.value)])
            }
        }
        return .object(JSONObject(members))
    }
}
