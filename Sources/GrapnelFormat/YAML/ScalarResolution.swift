import GrapnelCore
import Yams

/// The YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema): what a plain scalar means. `on`, `no` and
/// `22:30` are texts.
enum ScalarResolution {
    static func value(of scalar: Node.Scalar) -> JSON {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        return value(ofPlain: scalar.string)
    }

    static func value(ofPlain text: String) -> JSON {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE": .bool(true)
        case "false", "False", "FALSE": .bool(false)
        default: number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> JSON? {
        if text.hasPrefix("0x") { return Int64(text.dropFirst(2), radix: 16).map { .integer($0) } }
        if text.hasPrefix("0o") { return Int64(text.dropFirst(2), radix: 8).map { .integer($0) } }
        let unsigned = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        guard let first = unsigned.utf8.first, isDigit(first) || first == UInt8(ascii: "."),
            unsigned.utf8.contains(where: isDigit),
            unsigned.utf8.allSatisfy({ isDigit($0) || ".eE+-".utf8.contains($0) })
        else { return nil }
        if let whole = Int64(text) { return .integer(whole) }
        guard let value = Double(text), value.isFinite else { return nil }
        return .number(value)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
