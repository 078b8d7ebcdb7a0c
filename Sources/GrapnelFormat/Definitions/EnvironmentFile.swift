/// A `.env` file: `NAME=value` lines, `#` comments, values plain or in single or double quotes.
package enum EnvironmentFile {
    /// The variables in `text`; a repeated name keeps its last value.
    package static func parse(_ text: String, file: String) throws(FormatErrors) -> [String: String] {
        let collector = FormatCollector(file: file)
        var variables: [String: String] = [:]
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let position = SourcePosition(line: index + 1, column: 1)
            var line = raw.drop { $0 == " " || $0 == "\t" }
            while let last = line.last, last.isWhitespace { line.removeLast() }
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("export ") { line = line.dropFirst(7).drop { $0 == " " } }
            guard let equals = line.firstIndex(of: "=") else {
                collector.add(position, "expected NAME=value")
                continue
            }
            let name = line[..<equals]
            guard !name.isEmpty, name.utf8.allSatisfy({ isNameByte($0) }) else {
                collector.add(position, "a name has letters, digits and _ only")
                continue
            }
            let rest = line[line.index(after: equals)...]
            guard let value = value(of: rest) else {
                collector.add(position, "the quote is not closed")
                continue
            }
            variables[String(name)] = value
        }
        try collector.check()
        return variables
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func value(of text: Substring) -> String? {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            let comment = text.firstRange(of: " #")?.lowerBound ?? text.endIndex
            return String(text[..<comment]).trimmingSuffix { $0.isWhitespace }
        }
        var value = ""
        var isEscaped = false
        for character in text.dropFirst() {
            if isEscaped {
                value.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\", quote == "\"" {
                isEscaped = true
            } else if character == quote {
                return value
            } else {
                value.append(character)
            }
        }
        return nil
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, predicate(last) { text.removeLast() }
        return String(text)
    }
}
