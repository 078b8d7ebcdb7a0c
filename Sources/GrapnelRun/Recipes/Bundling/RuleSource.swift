/// A rule as its platform keeps it: one function expression, without `module.exports`.
enum RuleSource {
    /// What makes a module of it. It stands on the first line, so that lines keep their numbers.
    static let prefix = "module.exports = "

    /// The text as a module; `nil` when it is one already.
    static func module(_ text: String) -> String? {
        let isModule = ["module.exports", "export default", "exports.default"].contains { text.contains($0) }
        return isModule ? nil : prefix + text
    }
}
