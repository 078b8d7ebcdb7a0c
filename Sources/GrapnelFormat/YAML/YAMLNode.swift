package import GrapnelCore

/// A value of a YAML file, with its place.
package struct YAMLNode: Sendable {
    /// What is there.
    package indirect enum Content: Sendable {
        /// A plain or quoted scalar, already resolved by the 1.2 core schema.
        case scalar(JSON)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    /// One key of a mapping.
    package struct Entry: Sendable {
        package var key: String
        package var position: SourcePosition
        package var value: YAMLNode
    }

    package var content: Content
    package var position: SourcePosition

    /// The value without places; members keep their order.
    package var json: JSON {
        switch content {
        case .scalar(let value): value
        case .sequence(let nodes): .array(nodes.map(\.json))
        case .mapping(let entries): .object(JSONObject(entries.map { ($0.key, $0.value.json) }))
        }
    }

    /// The value of a key of a mapping.
    package subscript(_ key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// What it is, for messages.
    package var kind: String {
        switch content {
        case .scalar(.null): "nothing"
        case .scalar(.string): "a text"
        case .scalar(.bool): "true or false"
        case .scalar: "a number"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

extension YAMLNode {
    /// A value that did not come from a file of its own, such as the options of a source; it has no place.
    init(_ json: JSON) {
        let nowhere = SourcePosition(line: 1, column: 1)
        switch json {
        case .array(let elements):
            self.init(content: .sequence(elements.map { YAMLNode($0) }), position: nowhere)
        case .object(let object):
            let entries = object.members.map { Entry(key: $0.key, position: nowhere, value: YAMLNode($0.value)) }
            self.init(content: .mapping(entries), position: nowhere)
        default: self.init(content: .scalar(json), position: nowhere)
        }
    }
}
