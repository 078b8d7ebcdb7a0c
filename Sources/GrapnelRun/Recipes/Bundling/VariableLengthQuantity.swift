/// The numbers of a source map: base 64 digits of six bits, of which the highest says that another digit follows and
/// the lowest of the first is the sign (ECMA-426, "Base64 VLQ").
package enum VariableLengthQuantity {
    /// The numbers that `text` spells; `nil` when it ends within a number, holds another character, or a number does
    /// not fit 32 bits.
    package static func decode(_ text: some Sequence<UInt8>) -> [Int]? {
        var numbers: [Int] = []
        var value = 0
        var shift = 0
        var isOpen = false
        for byte in text {
            guard let digit = digit(byte), shift <= 30 else { return nil }
            value |= (digit & 31) << shift
            isOpen = digit & 32 != 0
            if isOpen {
                shift += 5
            } else {
                numbers.append(value & 1 == 0 ? value >> 1 : -(value >> 1))
                value = 0
                shift = 0
            }
        }
        return isOpen ? nil : numbers
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
