import GrapnelCore

/// Reads the keys of one mapping against the JSON Schema that lists them: the schema's `properties` are the only keys,
/// its `required` must be there. Mistakes go to the collector; a reader never throws.
struct MappingReader {
    private(set) var node: YAMLNode
    let collector: FormatCollector
    private let schema: JSON
    private let entries: [YAMLNode.Entry]
    /// What templates and conditions under this mapping may name; `nil`: anything.
    private var roots: [String]?

    /// A reader of `node`; `nil`, with a mistake noted, when it is no mapping.
    ///
    /// - Parameter elsewhere: Keys that are none here, and where they belong.
    init?(
        _ node: YAMLNode, schema: JSON, what: String, roots: [String]? = nil, elsewhere: [String: String] = [:],
        collector: FormatCollector
    ) {
        guard case .mapping(let entries) = node.content else {
            collector.add(node.position, "\(what) must be a mapping, not \(node.kind)")
            return nil
        }
        self.node = node
        self.collector = collector
        self.schema = schema
        self.entries = entries
        self.roots = roots
        let known = schema["properties"]?.object?.keys ?? []
        for entry in entries where !known.contains(entry.key) {
            let hint =
                elsewhere[entry.key]
                ?? Spelling.nearest(to: entry.key, among: known).map { "did you mean \"\($0)\"?" }
            collector.add(
                entry.position, "unknown key \"\(entry.key)\" in \(what)",
                hint: hint ?? "known are: \(known.joined(separator: ", "))")
        }
        for case .string(let key) in schema["required"]?.array ?? [] where node[key] == nil {
            collector.add(node.position, "\(what) needs the key \"\(key)\"")
        }
    }

    /// The value of a key; an explicit null counts as absent.
    func value(_ key: String) -> YAMLNode? {
        guard let value = node[key] else { return nil }
        if case .scalar(.null) = value.content { return nil }
        return value
    }

    private func mismatch(_ key: String, _ value: YAMLNode, _ wanted: String) {
        collector.add(value.position, "\"\(key)\" must be \(wanted), not \(value.kind)")
    }

    /// A text; a number or a boolean counts as the text that was written only where it reads the same.
    func string(_ key: String) -> String? {
        guard let value = value(key) else { return nil }
        guard case .scalar(let scalar) = value.content else {
            mismatch(key, value, "a text")
            return nil
        }
        switch scalar {
        case .string(let text): return text
        case .integer(let number): return String(number)
        default:
            mismatch(key, value, "a text: write it in quotes")
            return nil
        }
    }

    func bool(_ key: String) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .scalar(.bool(let flag)) = value.content else {
            mismatch(key, value, "true or false")
            return nil
        }
        return flag
    }

    /// A whole number within `range`.
    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(key) else { return nil }
        guard case .scalar(.integer(let number)) = value.content, let whole = Int(exactly: number), range ~= whole
        else {
            mismatch(key, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return whole
    }

    /// A text that `parse` understands; `wanted` says what that is.
    func parsed<Value>(_ key: String, _ wanted: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = string(key), let position = value(key)?.position else { return nil }
        guard let result = parse(text) else {
            collector.add(position, "\"\(key)\" must be \(wanted), not \"\(text)\"")
            return nil
        }
        return result
    }

    /// A duration within bounds.
    func duration(_ key: String, atLeast least: Duration? = nil, atMost greatest: Duration? = nil) -> Duration? {
        let wanted =
            "a duration such as 250ms, 30s, 5m, 2h or 7d" + (least.map { ", at least \($0.text)" } ?? "")
            + (greatest.map { ", at most \($0.text)" } ?? "")
        return parsed(key, wanted) { Duration(text: $0).flatMap { within($0, least, greatest) } }
    }

    /// A size within bounds.
    func size(_ key: String, atLeast least: ByteCount? = nil, atMost greatest: ByteCount? = nil) -> ByteCount? {
        let wanted =
            "a size such as 64KiB or 1MiB" + (least.map { ", at least \($0)" } ?? "")
            + (greatest.map { ", at most \($0)" } ?? "")
        return parsed(key, wanted) { ByteCount($0).flatMap { within($0, least, greatest) } }
    }

    private func within<Value: Comparable>(_ value: Value, _ least: Value?, _ greatest: Value?) -> Value? {
        (least.map { value >= $0 } ?? true) && (greatest.map { value <= $0 } ?? true) ? value : nil
    }

    /// One of a closed set of words.
    func word<Value: RawRepresentable & CaseIterable>(_ key: String, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        parsed(key, "one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))") { Value(rawValue: $0) }
    }

    /// A list of texts; one text counts as a list of one.
    func strings(_ key: String) -> [String]? {
        guard let value = value(key) else { return nil }
        if case .scalar(.string(let text)) = value.content { return [text] }
        guard case .sequence(let nodes) = value.content else {
            mismatch(key, value, "a list of texts")
            return nil
        }
        return nodes.compactMap { node in
            switch node.json {
            case .string(let text): return text
            case .integer(let number): return String(number)
            default:
                collector.add(node.position, "\"\(key)\" must hold texts, not \(node.kind)")
                return nil
            }
        }
    }

    /// The elements of a list; a single value counts as a list of one.
    func elements(_ key: String) -> [YAMLNode] {
        guard let value = value(key) else { return [] }
        if case .sequence(let nodes) = value.content { return nodes }
        return [value]
    }

    /// The elements of a list, or the single value, each with a reader that finds it, alone, under the key.
    func singly(_ key: String) -> [(element: YAMLNode, reader: MappingReader)] {
        elements(key).map { element in
            var reader = self
            reader.node.content = .mapping([YAMLNode.Entry(key: key, position: element.position, value: element)])
            return (element, reader)
        }
    }

    /// The entries of a mapping whose keys the user chooses.
    func entries(_ key: String) -> [YAMLNode.Entry] {
        guard let value = value(key) else { return [] }
        guard case .mapping(let entries) = value.content else {
            mismatch(key, value, "a mapping")
            return []
        }
        return entries
    }

    /// A mapping of texts to texts, in order.
    func pairs(_ key: String) -> [(key: String, value: String, position: SourcePosition)] {
        entries(key).compactMap { entry in
            switch entry.value.json {
            case .string(let text): return (entry.key, text, entry.value.position)
            case .integer(let number): return (entry.key, String(number), entry.value.position)
            case .bool(let flag): return (entry.key, flag ? "true" : "false", entry.value.position)
            default:
                collector.add(entry.value.position, "\"\(key).\(entry.key)\" must be a text, not \(entry.value.kind)")
                return nil
            }
        }
    }

    /// A reader of the mapping under a key, against that key's schema.
    func mapping(_ key: String, roots: [String]? = nil) -> MappingReader? {
        guard let value = value(key) else { return nil }
        return MappingReader(
            value, schema: schema["properties"]?[key] ?? [:], what: "\"\(key)\"", roots: roots ?? self.roots,
            collector: collector)
    }

    /// The same mapping, where templates and conditions may name other things.
    func naming(_ roots: [String]) -> MappingReader {
        var reader = self
        reader.roots = roots
        return reader
    }

    /// Notes every name that stands for nothing here.
    func check(_ paths: [PathExpression], at position: SourcePosition) {
        if let roots { check(paths, among: roots, at: position) }
    }

    /// Notes every name that is none of these roots.
    func check(_ paths: [PathExpression], among roots: [String], at position: SourcePosition) {
        for root in Set(paths.map(\.root)).subtracting(roots).sorted() {
            let hint = Spelling.nearest(to: root, among: roots).map { "did you mean \"\($0)\"?" }
            collector.add(
                position, "there is nothing called \"\(root)\" here",
                hint: hint ?? "there are \(roots.joined(separator: ", "))")
        }
    }

    /// A template.
    func template(_ key: String) -> Template? {
        guard let text = string(key), let position = value(key)?.position else { return nil }
        let template = collector.attempt(at: position) { () throws(ExpressionError) in try Template(text) }
        check((template?.placeholders ?? []).map(\.path), at: position)
        return template
    }

    /// Named templates, in order.
    func templates(_ key: String) -> [(name: String, value: Template)] {
        pairs(key).compactMap { pair in
            let template = collector.attempt(at: pair.position) { () throws(ExpressionError) in
                try Template(pair.value)
            }
            check((template?.placeholders ?? []).map(\.path), at: pair.position)
            return template.map { (name: pair.key, value: $0) }
        }
    }

    /// A condition.
    func predicate(_ key: String) -> Predicate? {
        guard let value = value(key) else { return nil }
        let predicate = collector.attempt(at: value.position) { () throws(ExpressionError) in
            try Predicate(value.json)
        }
        check(predicate?.paths ?? [], at: value.position)
        return predicate
    }

    /// A tree of templates.
    func tree(_ key: String) -> JSONTemplate? {
        guard let value = value(key) else { return nil }
        let tree = collector.attempt(at: value.position) { () throws(ExpressionError) in
            try JSONTemplate(value.json)
        }
        check((tree?.templates ?? []).flatMap(\.placeholders).map(\.path), at: value.position)
        return tree
    }
}
