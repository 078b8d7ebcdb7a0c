import GrapnelCore

/// What a bulk would do, added up from the parts that the hub looked at.
struct BulkPreview {
    private(set) var count = 0
    private(set) var scanned: Int64 = 0
    /// When the set was fixed: the hub says it with the first part.
    private(set) var asOf: String?
    private var recipes: [String: Int64] = [:]
    private var effects: [[String]: Int64] = [:]
    private var oldest: String?
    private var newest: String?
    private var examples: [JSON] = []

    /// Adds the hub's answer for the next part.
    mutating func add(_ part: JSON) {
        count += Int(part["count"]?.integer ?? 0)
        scanned += part["scanned"]?.integer ?? 0
        asOf = asOf ?? part["as_of"]?.string
        for entry in part["recipes"]?.array ?? [] { recipes[entry.text("recipe"), default: 0] += entry.count }
        for entry in part["effects"]?.array ?? [] {
            effects[[entry.text("operation"), entry.text("state"), entry.text("class")], default: 0] += entry.count
        }
        // Texts of times sort as the times do.
        oldest = [oldest, part["oldest"]?.string].compactMap { $0 }.min()
        newest = [newest, part["newest"]?.string].compactMap { $0 }.max()
        examples = Array((examples + (part["examples"]?.array ?? [])).prefix(3))
    }

    /// For scripts.
    var document: JSON {
        var object = JSONObject([
            ("count", .integer(Int64(count))),
            (
                "recipes",
                .array(recipes.sorted { $0.key < $1.key }.map { ["recipe": .string($0), "count": .integer($1)] })
            ),
            (
                "effects",
                .array(
                    effects.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, count in
                        [
                            "operation": .string(key[0]), "state": .string(key[1]), "class": .string(key[2]),
                            "count": .integer(count),
                        ]
                    })
            ),
            ("examples", .array(examples)),
        ])
        object["as_of"] = asOf.map { .string($0) }
        object["oldest"] = oldest.map { .string($0) }
        object["newest"] = newest.map { .string($0) }
        return .object(object)
    }

    /// For people, below the line that says how many.
    func lines(_ action: BulkAction) -> [String] {
        var lines = [
            "  recipes   " + list(recipes.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value.grouped)" })
        ]
        if let oldest, let newest { lines.append("  made      \(oldest) to \(newest)") }
        for (key, count) in effects.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            guard let fate = action.fate(state: key[1], effectClass: key[2]) else { continue }
            lines.append("  effects   \(key[0])  \(count.grouped) \(Style.state(key[1])): \(fate)")
        }
        lines.append("  such as   " + list(examples.compactMap(\.string)))
        return lines
    }

    private func list(_ words: [String]) -> String {
        let shown = words.prefix(6).joined(separator: ", ")
        return words.count > 6 ? "\(shown) and \(words.count - 6) more" : shown
    }
}

extension JSON {
    fileprivate var count: Int64 { self["count"]?.integer ?? 0 }
}
