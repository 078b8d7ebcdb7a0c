import GrapnelCore
import GrapnelFormat

/// The query string of a list: what is not understood is refused, since a filter that is overlooked shows too much, and
/// a page that begins anew never ends.
struct ListQuery {
    /// Why a query string is refused; said to who asked.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// The most that one page may have. 1,000.
    static let greatestLimit = 1000

    private let values: [String: String]
    /// How many to list. Default 50.
    let limit: Int

    /// - Parameters:
    ///   - text: The query string, without its question mark.
    ///   - filters: The parameters that this list has beside `limit` and `before`.
    init(_ text: some StringProtocol, filters: Set<String>) throws(Refusal) {
        let fields = FormFields(parsing: Array(text.utf8)).fields.map { ($0.name, $0.value) }
        try self.init(fields, filters: filters.union(["before", "limit"]))
    }

    /// The filters of a document: the same names, each with its text.
    init(document: JSON, filters: Set<String>) throws(Refusal) {
        guard case .object(let object) = document else {
            throw Refusal(description: "a filter is an object: the name of a parameter, and its text")
        }
        var fields: [(String, String)] = []
        for member in object.members {
            guard let text = member.value.string else {
                throw Refusal(description: "\(member.key) of a filter is a text, as in the query of a list")
            }
            fields.append((member.key, text))
        }
        try self.init(fields, filters: filters)
    }

    private init(_ fields: [(name: String, value: String)], filters: Set<String>) throws(Refusal) {
        var values: [String: String] = [:]
        for field in fields {
            guard filters.contains(field.name) else {
                let known = filters.sorted().joined(separator: ", ")
                throw Refusal(description: "there is no parameter \"\(field.name)\" here; there are: \(known)")
            }
            values[field.name] = field.value
        }
        self.values = values
        guard let text = values["limit"] else {
            limit = 50
            return
        }
        guard let number = Int(text), (1...ListQuery.greatestLimit).contains(number) else {
            throw Refusal(description: "limit is a number from 1 to \(ListQuery.greatestLimit), not \"\(text)\"")
        }
        limit = number
    }

    /// A filter by an exact text.
    func text(_ name: String) -> String? { values[name] }

    /// A filter that is on (`1`) or off (`0`, or absent).
    func flag(_ name: String) throws(Refusal) -> Bool {
        switch values[name] {
        case nil, "0": return false
        case "1": return true
        case .some(let text): throw Refusal(description: "\(name) is 1 or 0, not \"\(text)\"")
        }
    }

    /// The id that the page begins below: the last one of the page before.
    func before<Subject: IdentifiedSubject>() throws(Refusal) -> Identifier<Subject>? {
        guard let text = values["before"] else { return nil }
        guard let id = Identifier<Subject>(text) else {
            throw Refusal(description: "before is the id of the last one of the page before, not \"\(text)\"")
        }
        return id
    }

    /// A filter by words of a closed set, separated by commas.
    func words<Word: RawRepresentable & CaseIterable & Hashable>(_ name: String) throws(Refusal) -> Set<Word>
    where Word.RawValue == String {
        var words: Set<Word> = []
        for part in (values[name] ?? "").split(separator: ",") {
            guard let word = Word(rawValue: String(part)) else {
                let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(description: "\(name) has words of \(known), not \"\(part)\"")
            }
            words.insert(word)
        }
        return words
    }
}
