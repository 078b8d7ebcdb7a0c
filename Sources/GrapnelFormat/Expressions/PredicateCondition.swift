import GrapnelCore

/// What is asked of the values of one path: a plain value, or a mapping of operators that must all hold.
///
/// With `.*` each positive operator holds when any element satisfies it; `$ne`, `$nin` and `$not` are its negation.
indirect enum PredicateCondition: Sendable, Hashable {
    case equals(JSON)
    case isOneOf([JSON])
    case compares(Comparison, JSON)
    case exists(Bool)
    case startsWith(String)
    case endsWith(String)
    case contains(JSON)
    case all([PredicateCondition])
    case any([PredicateCondition])
    case not(PredicateCondition)

    enum Comparison: Sendable, Hashable {
        case less, lessOrEqual, greater, greaterOrEqual
    }

    static let operators = [
        "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$startsWith", "$endsWith", "$contains",
        "$and", "$or", "$not",
    ]

    init(_ definition: JSON, depth: Int) throws(ExpressionError) {
        guard case .object(let object) = definition, object.members.contains(where: { $0.key.hasPrefix("$") }) else {
            self = .equals(definition)
            return
        }
        guard depth <= Predicate.maximumDepth else {
            throw ExpressionError(
                .malformed, "conditions nested deeper than \(Predicate.maximumDepth)", expression: "")
        }
        var conditions: [PredicateCondition] = []
        for member in object.members {
            do throws(ExpressionError) {
                conditions.append(try PredicateCondition(member.key, member.value, depth: depth + 1))
            } catch {
                throw error.inside(member.key)
            }
        }
        self = conditions.count == 1 ? conditions[0] : .all(conditions)
    }

    private init(_ name: String, _ operand: JSON, depth: Int) throws(ExpressionError) {
        switch name {
        case "$eq": self = .equals(operand)
        case "$ne": self = .not(.equals(operand))
        case "$gt": self = .compares(.greater, try PredicateCondition.ordered(operand))
        case "$gte": self = .compares(.greaterOrEqual, try PredicateCondition.ordered(operand))
        case "$lt": self = .compares(.less, try PredicateCondition.ordered(operand))
        case "$lte": self = .compares(.lessOrEqual, try PredicateCondition.ordered(operand))
        case "$in": self = .isOneOf(try PredicateCondition.list(operand))
        case "$nin": self = .not(.isOneOf(try PredicateCondition.list(operand)))
        case "$exists":
            guard let flag = operand.bool else { throw PredicateCondition.error("expected true or false") }
            self = .exists(flag)
        case "$startsWith": self = .startsWith(try PredicateCondition.text(operand))
        case "$endsWith": self = .endsWith(try PredicateCondition.text(operand))
        case "$contains": self = .contains(operand)
        case "$not": self = .not(try PredicateCondition(operand, depth: depth))
        case "$and": self = .all(try PredicateCondition.conditions(operand, depth: depth))
        case "$or": self = .any(try PredicateCondition.conditions(operand, depth: depth))
        default:
            let list = PredicateCondition.operators.joined(separator: " ")
            throw PredicateCondition.error("unknown operator; there are \(list)")
        }
    }

    private static func error(_ message: String) -> ExpressionError {
        ExpressionError(.malformed, message, expression: "")
    }

    private static func ordered(_ operand: JSON) throws(ExpressionError) -> JSON {
        switch operand {
        case .integer, .number, .string: return operand
        default: throw error("expected a number or a text")
        }
    }

    private static func list(_ operand: JSON) throws(ExpressionError) -> [JSON] {
        guard case .array(let elements) = operand else { throw error("expected a list of values") }
        return elements
    }

    private static func text(_ operand: JSON) throws(ExpressionError) -> String {
        guard case .string(let text) = operand else { throw error("expected a text") }
        return text
    }

    private static func conditions(_ operand: JSON, depth: Int) throws(ExpressionError) -> [PredicateCondition] {
        guard case .array(let elements) = operand, !elements.isEmpty else {
            throw error("expected a list of conditions")
        }
        var conditions: [PredicateCondition] = []
        for (index, element) in elements.enumerated() {
            do throws(ExpressionError) {
                conditions.append(try PredicateCondition(element, depth: depth))
            } catch {
                throw error.inside(String(index))
            }
        }
        return conditions
    }
}

extension PredicateCondition {
    /// Whether the condition holds for `values`, which are texts of a form when `isForm` is true.
    func holds(for values: PathValues, isForm: Bool) -> Bool {
        switch self {
        case .equals(let operand):
            values.contains { ValueComparison.isEqual($0, operand, isForm: isForm) }
        case .isOneOf(let operands):
            values.contains { value in
                operands.contains { ValueComparison.isEqual(value, $0, isForm: isForm) }
            }
        case .compares(let comparison, let operand):
            values.contains { value in
                ValueComparison.order(value, operand, isForm: isForm).map(comparison.isSatisfied) ?? false
            }
        case .exists(let isExpected): values.isEmpty != isExpected
        case .startsWith(let text): values.contains { $0.string?.utf8.starts(with: text.utf8) ?? false }
        case .endsWith(let text):
            values.contains { $0.string?.utf8.reversed().starts(with: text.utf8.reversed()) ?? false }
        case .contains(let operand):
            values.contains { ValueComparison.contains($0, operand, isForm: isForm) }
        case .all(let conditions): conditions.allSatisfy { $0.holds(for: values, isForm: isForm) }
        case .any(let conditions): conditions.contains { $0.holds(for: values, isForm: isForm) }
        case .not(let condition): !condition.holds(for: values, isForm: isForm)
        }
    }
}

extension PredicateCondition.Comparison {
    fileprivate func isSatisfied(_ order: ValueComparison.Order) -> Bool {
        switch self {
        case .less: order == .before
        case .lessOrEqual: order != .after
        case .greater: order == .after
        case .greaterOrEqual: order != .before
        }
    }
}
