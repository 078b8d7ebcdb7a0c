import GrapnelCore

extension RecipeFlow {
    static let concurrencySchema: JSON = [
        "type": ["integer", "object"], "required": ["limit", "key"],
        "properties": ["limit": ["type": "integer"], "key": ["type": "string"]],
    ]

    static let rateSchema: JSON = [
        "type": ["string", "object"], "required": ["limit", "key"],
        "properties": ["limit": ["type": "string"], "key": ["type": "string"]],
    ]

    static let debounceSchema: JSON = [
        "type": "object", "required": ["quiet"],
        "properties": ["quiet": ["type": "string"], "at_most": ["type": "string"], "key": ["type": "string"]],
    ]

    static let batchSchema: JSON = [
        "type": "object", "required": ["size", "within"],
        "properties": ["size": ["type": "integer"], "within": ["type": "string"], "key": ["type": "string"]],
    ]

    /// What the names of a key's path may begin with.
    private static let roots = ["body", "headers", "query", "form", "event"]

    /// The most events of a batch. 1,000.
    package static let mostEvents = 1000
    /// The most runs of a recipe, or of a key, at a time that can be asked for. 1,000.
    private static let mostRuns = 1000
    /// The longest `delay`, `quiet`, `at_most` and `within`. 30 d.
    private static let longestWait = Duration.seconds(30 * 86_400)

    /// Takes on what recipe.yaml says.
    mutating func read(_ reader: MappingReader) {
        orderBy = reader.path("order_by", among: RecipeFlow.roots)
        if let block = reader.mappingIfAny("concurrency", roots: RecipeFlow.roots) {
            if let limit = block.integer("limit", in: 1...RecipeFlow.mostRuns),
                let key = block.path("key", among: RecipeFlow.roots)
            {
                keyedConcurrency = KeyedLimit(limit: limit, key: key)
            }
        } else {
            concurrency = reader.integer("concurrency", in: 1...RecipeFlow.mostRuns)
        }
        if let block = reader.mappingIfAny("rate", roots: RecipeFlow.roots) {
            if let limit = block.rate("limit"), let key = block.path("key", among: RecipeFlow.roots) {
                rate = KeyedRate(limit: limit, key: key)
            }
        } else if let limit = reader.rate("rate") {
            rate = KeyedRate(limit: limit, key: nil)
        }
        delay = reader.duration("delay", atMost: RecipeFlow.longestWait) ?? .zero
        expire = reader.duration("expire", atLeast: .seconds(1))
        priority = reader.integer("priority", in: -100...100) ?? 0
        if let block = reader.mapping("debounce", roots: RecipeFlow.roots),
            let quiet = block.duration("quiet", atLeast: .milliseconds(100), atMost: RecipeFlow.longestWait)
        {
            debounce = Debounce(
                quiet: quiet, atMost: block.duration("at_most", atLeast: quiet, atMost: RecipeFlow.longestWait),
                key: block.path("key", among: RecipeFlow.roots))
        }
        if let block = reader.mapping("batch", roots: RecipeFlow.roots),
            let size = block.integer("size", in: 1...RecipeFlow.mostEvents),
            let within = block.duration("within", atLeast: .milliseconds(1), atMost: RecipeFlow.longestWait)
        {
            batch = Batch(size: size, within: within, key: block.path("key", among: RecipeFlow.roots))
        }
        refuseContradictions(reader)
    }

    /// Keys that cannot both be kept are refused together, whatever their events.
    private func refuseContradictions(_ reader: MappingReader) {
        func refuse(_ key: String, _ other: String, _ why: String) {
            reader.collector.add(
                reader.value(key)?.position, "\"\(key)\" and \"\(other)\" cannot stand together", hint: why)
        }
        if orderBy != nil, keyedConcurrency != nil {
            refuse("concurrency", "order_by", "order_by lets one run of a key start at a time; give a plain number")
        }
        if debounce != nil, batch != nil {
            refuse("batch", "debounce", "debounce keeps only the last event, and batch keeps all; choose one")
        }
        if batch != nil, let key = orderBy ?? keyedConcurrency?.key, batch?.key != key {
            refuse(
                "batch", orderBy == nil ? "concurrency" : "order_by",
                "a batch would hold events of several keys; give it key: \(key)")
        }
        let gathering = batch != nil ? "batch" : debounce != nil ? "debounce" : nil
        if let gathering {
            if rate != nil { refuse(gathering, "rate", "one event starts no run of its own here; remove one of them") }
            if delay > .zero { refuse(gathering, "delay", "its own time is the delay; remove delay") }
        }
        if batch != nil, reader.value("forward") != nil {
            refuse("batch", "forward", "forward passes one event on; write a handler, which is given all of them")
        }
        if reader.value("reply") != nil, let late = gathering ?? (delay > .zero ? "delay" : nil) {
            refuse(late, "reply", "the vendor would be answered before the run starts; remove one of them")
        }
        if let expire, expire <= max(delay, debounce?.atMost ?? debounce?.quiet ?? .zero, batch?.within ?? .zero) {
            reader.collector.add(
                reader.value("expire")?.position, "\"expire\" must be longer than a run waits by itself",
                hint: "make it longer than delay, at_most, quiet or within")
        }
    }
}
