import GrapnelCore

extension JSON {
    /// The value at these keys as a word for a table: `-` when absent.
    func text(_ keys: String...) -> String {
        var value: JSON? = self
        for key in keys { value = value?[key] }
        switch value {
        case .string(let text)?: return text
        case nil, .null?: return "-"
        case let other?: return JSONWriter.text(other)
        }
    }
}
