package import GrapnelCore

/// A `where:` mapping: which events a recipe wants, which answers mean success.
///
/// `{ path: value, path: { $operator: operand }, $and: [...], $or: [...], $not: {...} }`; all of it must hold.
package struct Predicate: Sendable, Hashable {
    /// How deep `$and`, `$or` and `$not` may be nested.
    package static let maximumDepth = 32

    private indirect enum Clause: Sendable, Hashable {
        case path(PathExpression, PredicateCondition)
        case all([Clause])
        case any([Clause])
        case not(Clause)
    }

    private let clause: Clause
    /// Every path that is looked at, in the order of the text.
    package let paths: [PathExpression]

    /// The predicate that `definition`, a mapping, describes; throws `malformed` with the place of what is wrong.
    package init(_ definition: JSON) throws(ExpressionError) {
        var paths: [PathExpression] = []
        clause = try Predicate.clause(definition, depth: 0, paths: &paths)
        self.paths = paths
    }

    /// Whether `scope` satisfies the predicate.
    package func matches(_ scope: some ValueScope) -> Bool {
        Predicate.matches(clause, scope)
    }

    private static func matches(_ clause: Clause, _ scope: some ValueScope) -> Bool {
        switch clause {
        case .path(let path, let condition):
            condition.holds(for: path.values(in: scope), isForm: scope.isForm(path.root))
        case .all(let clauses): clauses.allSatisfy { matches($0, scope) }
        case .any(let clauses): clauses.contains { matches($0, scope) }
        case .not(let clause): !matches(clause, scope)
        }
    }

    private static func clause(
        _ definition: JSON, depth: Int, paths: inout [PathExpression]
    ) throws(ExpressionError) -> Clause {
        guard depth <= maximumDepth else {
            throw ExpressionError(.malformed, "conditions nested deeper than \(maximumDepth)", expression: "")
        }
        guard case .object(let object) = definition else {
            throw ExpressionError(
                .malformed, "expected a mapping of paths to conditions, such as { body.state: open }", expression: "")
        }
        var clauses: [Clause] = []
        for member in object.members {
            do throws(ExpressionError) {
                clauses.append(try clause(member.key, member.value, depth: depth, paths: &paths))
            } catch {
                throw error.inside(member.key)
            }
        }
        if clauses.count == 1, let only = clauses.first { return only }
        return .all(clauses)
    }

    private static func clause(
        _ key: String, _ value: JSON, depth: Int, paths: inout [PathExpression]
    ) throws(ExpressionError) -> Clause {
        switch key {
        case "$and": return .all(try list(value, depth: depth, paths: &paths))
        case "$or": return .any(try list(value, depth: depth, paths: &paths))
        case "$not": return .not(try clause(value, depth: depth + 1, paths: &paths))
        default: break
        }
        if key.hasPrefix("$") {
            throw ExpressionError(
                .malformed, "\(key) cannot stand here: write a path, $and, $or or $not", expression: "")
        }
        let path = try PathExpression(key)
        paths.append(path)
        return .path(path, try PredicateCondition(value, depth: depth))
    }

    private static func list(
        _ value: JSON, depth: Int, paths: inout [PathExpression]
    ) throws(ExpressionError) -> [Clause] {
        guard case .array(let elements) = value, !elements.isEmpty else {
            throw ExpressionError(.malformed, "expected a list of conditions", expression: "")
        }
        var clauses: [Clause] = []
        for (index, element) in elements.enumerated() {
            do throws(ExpressionError) {
                clauses.append(try clause(element, depth: depth + 1, paths: &paths))
            } catch {
                throw error.inside(String(index))
            }
        }
        return clauses
    }
}
