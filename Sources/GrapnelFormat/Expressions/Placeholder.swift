/// A path in a template, and what is done to its value.
package struct Placeholder: Sendable, Hashable {
    /// The most filters one placeholder may have.
    package static let maximumFilters = 16

    /// The path that is looked up.
    package let path: PathExpression
    /// What is done to the value, from left to right.
    package let filters: [TemplateFilter]

    /// Reads from the opening brace up to and with the closing one.
    init(_ parser: inout ExpressionParser) throws(ExpressionError) {
        let start = parser.position
        guard parser.take("{") else { throw parser.error("expected {") }
        parser.skipSpace()
        path = try parser.path()
        var filters: [TemplateFilter] = []
        parser.skipSpace()
        while parser.take("|") {
            guard filters.count < Placeholder.maximumFilters else {
                throw parser.error("more than \(Placeholder.maximumFilters) filters")
            }
            parser.skipSpace()
            filters.append(try TemplateFilter(&parser))
            parser.skipSpace()
        }
        guard parser.take("}") else {
            throw parser.isAtEnd
                ? parser.error("a placeholder that is not closed; a brace of its own is written {{", at: start)
                : parser.error("expected | or }; a brace of its own is written {{")
        }
        self.filters = filters
    }

    /// The value in `scope` after all filters; `nil` when it is absent.
    func value(in scope: some ValueScope, template: Template) throws(ExpressionError) -> TemplateValue? {
        var value: TemplateValue? =
            if path.steps.isEmpty, case .bytes(let bytes) = scope.root(path.root) {
                .bytes(bytes)
            } else {
                path.values(in: scope).joined.map { .json($0) }
            }
        for filter in filters {
            do throws(TemplateFilter.Unsuitable) {
                value = try filter.apply(to: value)
            } catch {
                throw ExpressionError(
                    .unsuitable, "the value of \(path) \(error.message)", expression: template.source)
            }
        }
        return value
    }

    /// The error that names the path which leads nowhere.
    func absent(in template: Template) -> ExpressionError {
        ExpressionError(.absent, "\(path) is absent", expression: template.source)
    }
}
