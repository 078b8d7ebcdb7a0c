/// What errors have in common that differ only in numbers, ids and quoted values: those become `…`, which the filter
/// `error` takes for anything.
package enum FailurePattern {
    /// The longest pattern, in characters. 160.
    package static let longest = 160
    /// A word of at least this many characters with a digit in it is an id. 8.
    private static let shortestID = 8

    /// The pattern of an error: its first line, without what is particular to one of them.
    package static func text(of error: String) -> String {
        var rest = Array(error.prefix { !$0.isNewline })[...]
        var pattern = ""
        var before = ""
        while let first = rest.first {
            if let quoted = quotation(rest, after: pattern.last) {
                pattern += "\(first)…\(first)"
                rest = rest.dropFirst(quoted)
            } else if isWordPart(first) {
                // A full stop after a word is not of it.
                let run = Array(rest.prefix { isWordPart($0) })
                let kept = run.count - run.reversed().prefix { $0 == "." || $0 == "+" }.count
                let word = String(run.prefix(max(kept, 1)))
                pattern += generalised(word, after: before)
                before = word
                rest = rest.dropFirst(word.count)
            } else {
                pattern.append(first)
                rest = rest.dropFirst()
            }
        }
        while pattern.contains("……") { pattern = pattern.replacing("……", with: "…") }
        return pattern.count > longest ? pattern.prefix(longest - 1) + "…" : pattern
    }

    /// How long a quoted value is that begins here; `nil` when none does. An apostrophe inside a word is not a quote.
    private static func quotation(_ rest: ArraySlice<Character>, after: Character?) -> Int? {
        guard let quote = rest.first, quote == "\"" || quote == "'" || quote == "`" else { return nil }
        if quote == "'", after?.isLetter == true { return nil }
        guard let end = rest.dropFirst().firstIndex(of: quote) else { return nil }
        return end - rest.startIndex + 1
    }

    private static func isWordPart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "_-@.+".contains(character))
            || character.isLetter
    }

    private static func generalised(_ word: String, after before: String) -> String {
        guard word.contains(where: \.isNumber) || word.contains("@") else { return word }
        if word.contains("@") { return "…" }
        // What a vendor answered is the error itself.
        let isStatus = word.count == 3 && word.allSatisfy(\.isNumber)
        if isStatus, ["http", "status"].contains(before.lowercased()) { return word }
        if word.count >= shortestID, !word.contains("."), word.contains(where: \.isLetter) { return "…" }
        var text = ""
        for character in word {
            if character.isNumber {
                if text.hasSuffix("….") { text.removeLast() }
                if !text.hasSuffix("…") { text += "…" }
            } else {
                text.append(character)
            }
        }
        return text
    }
}
