import GrapnelCore
import GrapnelCrypto

extension PathExpression {
    /// The longest key that is kept as it is, in bytes; of a longer one its digest stands in its place. 200.
    private static let longestKey = 200

    /// The text of the value that the path leads to, to tell what belongs together; `nil` when it leads nowhere.
    func key(in scope: some ValueScope) -> String? {
        let text: String
        switch first(in: scope) {
        case nil, .null?: return nil
        case .string(let value)?: text = value
        case let value?: text = String(decoding: JSONWriter.bytes(value, style: .canonical), as: UTF8.self)
        }
        guard text.utf8.count > PathExpression.longestKey else { return text }
        return "sha256:\(Hex.encode(Digest.hash(text, .sha256)))"
    }
}
