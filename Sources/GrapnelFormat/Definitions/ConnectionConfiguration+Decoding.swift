import GrapnelCore

extension ConnectionConfiguration {
    static let rateSchema: JSON = [
        "type": ["string", "object", "array"], "required": ["limit", "key"],
        "properties": ["limit": ["type": "string"], "key": ["type": "string"]],
    ]

    static let concurrencySchema: JSON = [
        "type": ["integer", "object", "array"], "required": ["limit", "key"],
        "properties": ["limit": ["type": "integer"], "key": ["type": "string"]],
    ]

    /// Keys of a recipe that are looked for here, and where they belong.
    static let keysOfRecipes: [String: String] = Dictionary(
        uniqueKeysWithValues: ["delay", "debounce", "batch", "priority"].map { key in
            let hint =
                key == "delay"
                ? "a recipe says it, in recipe.yaml, or its handler for one output: send(…, { delay })"
                : "a recipe says it, in recipe.yaml: it is about events, and what they lead to is there already here"
            return (key, hint)
        })

    /// The most sends at a time, of all or of a key, that can be asked for. 1,000.
    private static let mostSends = 1000

    /// Takes on what grapnel.yaml says of when effects may go: one limit, for all or by key, or a list of both.
    mutating func readFlow(_ reader: MappingReader) {
        let rates = ConnectionConfiguration.limits("rate", reader) {
            $0.rate("rate")
        } keyed: { block in
            block.rate("limit").map { limit in (limit, block.path("key", among: ConnectionFlow.roots)) }
        }
        rate = rates.all
        flow.rate = rates.keyed.flatMap { limit, key in key.map { KeyedRate(limit: limit, key: $0) } }
        let range = 1...ConnectionConfiguration.mostSends
        let sends = ConnectionConfiguration.limits("concurrency", reader) {
            $0.integer("concurrency", in: range)
        } keyed: { block in
            block.integer("limit", in: range).map { limit in (limit, block.path("key", among: ConnectionFlow.roots)) }
        }
        if let all = sends.all { concurrency = all }
        flow.orderBy = reader.path("order_by", among: ConnectionFlow.roots)
        flow.expire = reader.duration("expire", atLeast: .seconds(1))
        flow.concurrency = sends.keyed.flatMap { limit, key in key.map { KeyedLimit(limit: limit, key: $0) } }
    }

    /// One limit for all and one by key, each of which may be missing.
    private static func limits<Limit, Keyed>(
        _ key: String, _ reader: MappingReader, all: (MappingReader) -> Limit?, keyed: (MappingReader) -> Keyed?
    ) -> (all: Limit?, keyed: Keyed?) {
        var found: (all: Limit?, keyed: Keyed?) = (nil, nil)
        var seen: Set<Bool> = []
        for (element, single) in reader.singly(key) {
            let isKeyed = if case .mapping = element.content { true } else { false }
            guard seen.insert(isKeyed).inserted else {
                reader.collector.add(
                    element.position, "\"\(key)\" has two limits \(isKeyed ? "by key" : "for all")",
                    hint: "give one for all and one by key at most")
                continue
            }
            if isKeyed {
                found.keyed = single.mapping(key).flatMap(keyed)
            } else {
                found.all = all(single)
            }
        }
        return found
    }
}
