import GrapnelCore

/// How two values compare: numbers by their value, texts byte by byte, never one with the other.
enum ValueComparison {
    enum Order {
        case before, same, after
    }

    /// Whether `value` equals `operand`; a text of a form that looks like a number equals that number.
    static func isEqual(_ value: JSON, _ operand: JSON, isForm: Bool) -> Bool {
        switch (value, operand) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        // Texts that Unicode calls equivalent are not the same bytes, and so not equal here.
        case (.string(let left), .string(let right)): return left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { isEqual($0, $1, isForm: isForm) }
        case (.object(let left), .object(let right)):
            return Set(left.keys) == Set(right.keys)
                && left.keys.allSatisfy { key in
                    guard let one = left[key], let other = right[key] else { return false }
                    return isEqual(one, other, isForm: isForm)
                }
        default: return order(value, operand, isForm: isForm) == .same
        }
    }

    /// How two numbers or two texts are ordered; `nil` for anything else.
    static func order(_ value: JSON, _ operand: JSON, isForm: Bool) -> Order? {
        switch (value, operand) {
        case (.integer(let left), .integer(let right)): return order(left, right)
        case (.string(let left), .string(let right)):
            if left.utf8.lexicographicallyPrecedes(right.utf8) { return .before }
            return left.utf8.elementsEqual(right.utf8) ? .same : .after
        case (.string(let text), .integer), (.string(let text), .number):
            guard isForm, let number = number(text) else { return nil }
            return order(number, operand, isForm: false)
        case (.integer, .number), (.number, .integer), (.number, .number):
            guard let left = value.double, let right = operand.double else { return nil }
            return order(left, right)
        default: return nil
        }
    }

    /// Whether a text has `operand` inside it, or an array has it as an element.
    static func contains(_ value: JSON, _ operand: JSON, isForm: Bool) -> Bool {
        switch (value, operand) {
        case (.string(let text), .string(let part)): contains(Array(text.utf8), Array(part.utf8))
        case (.array(let elements), _): elements.contains { isEqual($0, operand, isForm: isForm) }
        default: false
        }
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Order {
        left == right ? .same : left < right ? .before : .after
    }

    private static func number(_ text: String) -> JSON? {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
            let last = text.utf8.last, (0x30...0x39).contains(last)
        else { return nil }
        switch try? JSONParser.parse(text) {
        case .some(.integer(let value)): return .integer(value)
        case .some(.number(let value)): return .number(value)
        default: return nil
        }
    }

    /// `memmem` in the plain: the first byte is sought, then the rest compared.
    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard text.count >= part.count else { return false }
        var index = 0
        while index <= text.count - part.count {
            if text[index] == first, text[index..<(index + part.count)].elementsEqual(part) { return true }
            index += 1
        }
        return false
    }
}
