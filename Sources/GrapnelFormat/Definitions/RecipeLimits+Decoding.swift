import GrapnelCore

extension RecipeLimits {
    /// The keys of `limits:` in recipe.yaml, and of `limits.run` in grapnel.yaml.
    static let schema: JSON = [
        "type": "object",
        "properties": [
            "cpu": ["type": "string"], "wall": ["type": "string"], "memory": ["type": "string"],
            "source": ["type": "string"], "event": ["type": "string"], "output": ["type": "string"],
            "calls": ["type": "integer"], "concurrency": ["type": "integer"], "outputs": ["type": "integer"],
            "log": ["type": "string"], "lines": ["type": "integer"], "messages": ["type": "integer"],
        ],
    ]

    /// Takes on what a mapping says.
    mutating func read(_ reader: MappingReader) {
        let greatest = RecipeLimits.greatest
        if let value = reader.duration("cpu", atLeast: .milliseconds(10), atMost: greatest.cpu) { cpu = value }
        if let value = reader.duration("wall", atLeast: .milliseconds(10), atMost: greatest.wall) { wall = value }
        if let value = reader.size("memory", atLeast: .mebibytes(8), atMost: greatest.memory) { memory = value }
        if let value = reader.size("source", atMost: greatest.source) { source = value }
        if let value = reader.size("event", atMost: greatest.event) { event = value }
        if let value = reader.size("output", atMost: greatest.output) { output = value }
        if let value = reader.integer("calls", in: 0...greatest.calls) { calls = value }
        if let value = reader.integer("concurrency", in: 1...greatest.concurrency) { concurrency = value }
        if let value = reader.integer("outputs", in: 0...greatest.outputs) { outputs = value }
        if let value = reader.size("log", atMost: greatest.log) { log = value }
        if let value = reader.integer("lines", in: 0...greatest.lines) { lines = value }
        if let value = reader.integer("messages", in: 100...greatest.messages) { messages = value }
    }
}
