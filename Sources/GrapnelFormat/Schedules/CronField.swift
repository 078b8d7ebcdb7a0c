/// The numbers that a field of a cron expression allows.
struct CronField: Sendable, Hashable {
    private var bits: UInt64 = 0
    /// Whether it begins with `*`: Vixie's rule for the two fields of days asks for that.
    private(set) var isStarred = false
    private let kind: CronFieldKind

    /// The field that allows one number only.
    init(_ kind: CronFieldKind, only number: Int) {
        self.kind = kind
        bits = 1 << UInt64(number)
    }

    /// The field of a text: `*`, `7`, `1-5`, `*/15`, `9-17/2`, names in place of numbers, and lists of these.
    init(_ kind: CronFieldKind, _ text: String) throws(CronError) {
        self.kind = kind
        isStarred = text.hasPrefix("*")
        for part in text.split(separator: ",", omittingEmptySubsequences: false) { try add(String(part)) }
        // Both ends of a week are Sunday.
        if kind == .dayOfWeek, bits & 1 << 7 != 0 { bits = bits & ~(1 << 7) | 1 }
    }

    private mutating func add(_ part: String) throws(CronError) {
        let pieces = part.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard pieces.count <= 2 else { throw CronError("\"\(part)\" has more than one step", in: kind) }
        let range = try range(pieces[0], of: part, isStepped: pieces.count == 2)
        var step = 1
        if pieces.count == 2 {
            guard let number = Int(pieces[1]), (1...60).contains(number) else {
                throw CronError("\"\(part)\" has a step that is no number from 1 to 60", in: kind)
            }
            step = number
        }
        for number in stride(from: range.lowerBound, through: range.upperBound, by: step) {
            bits |= 1 << UInt64(number)
        }
    }

    private func range(_ text: String, of part: String, isStepped: Bool) throws(CronError) -> ClosedRange<Int> {
        if text == "*" { return kind == .dayOfWeek ? 0...6 : kind.range }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard let first = ends.first, ends.count <= 2 else {
            throw CronError("\"\(part)\" is no range; write \(kind.wanted)", in: kind)
        }
        let lower = try number(first)
        guard ends.count == 2 else {
            guard !isStepped else {
                throw CronError(
                    "\"\(part)\" has a step without a range; write \(first)-\(kind.range.upperBound) before it",
                    in: kind)
            }
            return lower...lower
        }
        let upper = try number(ends[1])
        guard lower <= upper else {
            throw CronError("\"\(part)\" is a range that ends before it begins; write two, with a comma", in: kind)
        }
        return lower...upper
    }

    private func number(_ text: String) throws(CronError) -> Int {
        if let place = kind.names.firstIndex(of: text.lowercased()) { return kind.range.lowerBound + place }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(text),
            kind.range.contains(number)
        else { throw CronError("\"\(text)\" is not one of \(kind.wanted)", in: kind) }
        return number
    }

    /// Whether it allows every number.
    var isFull: Bool {
        let last = kind == .dayOfWeek ? 6 : kind.range.upperBound
        return (kind.range.lowerBound...last).allSatisfy(contains)
    }

    func contains(_ number: Int) -> Bool { (0..<64).contains(number) && bits & 1 << UInt64(number) != 0 }

    /// The least number that is allowed and not below this one.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits & (UInt64.max << UInt64(max(number, 0)))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }
}
