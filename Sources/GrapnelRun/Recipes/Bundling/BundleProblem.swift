/// Something in a handler's code that keeps it from being bundled.
package struct BundleProblem: Sendable, Hashable, CustomStringConvertible {
    /// Relative to the recipe's folder; `nil` when the problem is of no file.
    package var file: String?
    /// 1 is the first line.
    package var line: Int?
    /// 1 is the first column.
    package var column: Int?
    /// What is wrong, and what to do about it.
    package var message: String
    /// The line of the file, without the space before it.
    package var source: String?

    package init(file: String?, line: Int?, column: Int?, message: String, source: String?) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.source = source
    }

    package var description: String {
        var text = file ?? ""
        if let line { text += ":\(line)" }
        if let column { text += ":\(column)" }
        text += text.isEmpty ? message : ": \(message)"
        if let source { text += "\n    \(source)" }
        return text
    }
}
