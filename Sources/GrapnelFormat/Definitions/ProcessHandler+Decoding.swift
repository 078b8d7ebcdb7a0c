import GrapnelCore

extension ProcessHandler {
    /// `handler:` as a mapping.
    static let schema: JSON = [
        "type": "object", "required": ["command"],
        "properties": ["command": ["type": "array"], "mode": ["type": "string", "enum": ["warm", "once"]]],
    ]

    /// The most arguments of a command.
    private static let greatestCommand = 256

    /// Variables by which a loader or an interpreter takes up code or options that the recipe does not hold.
    private static let refusedVariables: Set<String> = [
        "BASH_ENV", "BASH_FUNC", "CDPATH", "CLASSPATH", "ENV", "GCONV_PATH", "GETCONF_DIR", "GLOBIGNORE", "IFS",
        "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "LOCPATH", "NLSPATH", "NODE_OPTIONS", "NODE_PATH", "PATH", "PERL5DB",
        "PERL5LIB", "PERL5OPT", "PERLLIB", "PROMPT_COMMAND", "PS4", "RUBYLIB", "RUBYOPT", "SHELLOPTS", "BASHOPTS",
        "_JAVA_OPTIONS",
    ]
    private static let refusedPrefixes = ["LD_", "DYLD_", "GLIBC_", "MALLOC_", "PYTHON", "GIT_", "BASH_FUNC_"]

    /// Reads `handler:` where it is a mapping.
    static func read(_ reader: MappingReader) -> ProcessHandler? {
        guard let handler = reader.mapping("handler", roots: ["body", "headers", "query", "form", "event"]) else {
            return nil
        }
        let mode = handler.word("mode", Mode.self) ?? .once
        let position = handler.value("command")?.position
        let command = handler.templateList("command")
        guard let program = command.first, command.count <= greatestCommand else {
            handler.collector.add(
                position, "\"command\" is a program and its arguments, at most \(greatestCommand) in all")
            return nil
        }
        if !program.placeholders.isEmpty {
            handler.collector.add(
                position, "the program of \"command\" cannot have placeholders", hint: "only its arguments can")
        }
        if !isProgram(program.source) {
            handler.collector.add(
                position, "\"\(program.source)\" is no program",
                hint: "write ./file for one of the recipe's folder, /usr/bin/name, or a name without slashes")
        }
        if mode == .warm, command.contains(where: { !$0.placeholders.isEmpty }) {
            handler.collector.add(
                position, "a program that is kept for many events cannot have arguments of one",
                hint: "write mode: once")
        }
        return ProcessHandler(command: command, mode: mode)
    }

    /// The program that `handler: ./name` is; `nil` when that is no file of the recipe's folder.
    static func executable(_ text: String) -> ProcessHandler? {
        let file = text.hasPrefix("./") ? text : "./\(text)"
        guard isProgram(file), !text.contains("{"), let program = try? Template(file) else { return nil }
        return ProcessHandler(command: [program], mode: .warm)
    }

    /// Notes variables that would let something else than the recipe's code decide what runs.
    static func checkVariables(_ reader: MappingReader) {
        for pair in reader.pairs("variables")
        where refusedVariables.contains(pair.key) || refusedPrefixes.contains(where: { pair.key.hasPrefix($0) })
            || !isVariable(pair.key, pair.value)
        {
            reader.collector.add(
                pair.position, "a process handler cannot have the variable \"\(pair.key)\"",
                hint: "it changes how programs are loaded, or is no name of a variable; use another name")
        }
    }

    private static func isVariable(_ name: String, _ value: String) -> Bool {
        let isWord = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isWord && name.first.map { !$0.isNumber } ?? false && !value.utf8.contains(0)
    }

    private static func isProgram(_ text: String) -> Bool {
        guard !text.utf8.contains(0), !text.hasSuffix("/"), !text.isEmpty else { return false }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return text != "." && text != ".." && !text.hasPrefix("-") }
        return (text.hasPrefix("/") || text.hasPrefix("./")) && !parts.contains("..")
            && !parts.dropFirst().contains { $0.isEmpty || $0 == "." }
    }
}

extension MappingReader {
    /// A list of templates.
    fileprivate func templateList(_ key: String) -> [Template] {
        elements(key).compactMap { node in
            let text: String
            switch node.json {
            case .string(let written): text = written
            case .integer(let number): text = String(number)
            default:
                collector.add(node.position, "\"\(key)\" must hold texts, not \(node.kind)")
                return nil
            }
            let template = collector.attempt(at: node.position) { () throws(ExpressionError) in try Template(text) }
            if let template { check(template.placeholders.map(\.path), at: node.position) }
            return template
        }
    }
}
