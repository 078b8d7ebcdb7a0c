import GrapnelCore
import GrapnelCrypto

extension TemplateFilter {
    /// The value after this filter. What is absent stays absent, except for `default`.
    func apply(to value: TemplateValue?) throws(Unsuitable) -> TemplateValue? {
        if case .defaultValue(let fallback) = self {
            return value == nil || value == .json(.null) ? .json(fallback) : value
        }
        guard let value else { return nil }
        switch self {
        case .json: return .json(.string(JSONWriter.text(value.json)))
        case .join(let separator): return .json(.string(TemplateFilter.joined(value, separator)))
        case .form: return TemplateFilter.form(value).map { .json(.string($0)) }
        case .sortedPairs: return .json(.string(try TemplateFilter.sortedPairs(value.json)))
        case .iso8601: return .json(.string(try TemplateFilter.time(value).description))
        case .unix: return .json(.integer(try TemplateFilter.time(value).wholeSeconds))
        case .date(let pattern): return .json(.string(pattern.text(of: try TemplateFilter.time(value))))
        case .sha256: return value.bytes.map { .digest(Digest.hash($0, .sha256)) }
        case .md5: return value.bytes.map { .digest(Digest.hash($0, .md5)) }
        case .crc32: return value.bytes.map { .json(.integer(Int64(CRC32.checksum($0)))) }
        case .base64: return value.content.map { .json(.string(Base64.encode($0))) }
        case .base64url: return value.content.map { .json(.string(Base64.encodeURL($0))) }
        case .hex: return value.content.map { .json(.string(Hex.encode($0))) }
        case .urlencode: return value.bytes.map { .json(.string(PercentEncoding.encode($0))) }
        case .lower: return value.text.map { .json(.string($0.lowercased())) }
        case .upper: return value.text.map { .json(.string($0.uppercased())) }
        case .trim: return value.text.map { .json(.string(TemplateFilter.trimmed($0))) }
        case .xml: return value.text.map { .json(.string(XMLBody.escape($0))) }
        case .truncate(let count): return value.text.map { .json(.string(String($0.prefix(count)))) }
        case .before(let mark):
            return value.text.map { text in
                .json(.string(text.firstRange(of: mark).map { String(text[..<$0.lowerBound]) } ?? text))
            }
        case .after(let mark):
            return value.text.map { text in
                .json(.string(text.firstRange(of: mark).map { String(text[$0.upperBound...]) } ?? ""))
            }
        case .defaultValue: return value
        }
    }

    private static func joined(_ value: TemplateValue, _ separator: String) -> String {
        guard case .json(.array(let elements)) = value else { return value.text ?? "" }
        return elements.map { TemplateValue.json($0).text ?? "" }.joined(separator: separator)
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    private static func form(_ value: TemplateValue) -> String? {
        guard case .json(.object(let object)) = value else { return value.text.map { PercentEncoding.encodeForm($0) } }
        return FormFields(object).encoded
    }

    private static func sortedPairs(_ value: JSON) throws(Unsuitable) -> String {
        guard case .object(let object) = value else { throw Unsuitable(message: "is no form or object") }
        let fields = FormFields(object).fields.map { (name: Array($0.name.utf8), value: Array($0.value.utf8)) }
        let sorted = fields.sorted { left, right in
            if left.name != right.name { return left.name.lexicographicallyPrecedes(right.name) }
            return left.value.lexicographicallyPrecedes(right.value)
        }
        var text: [UInt8] = []
        for (index, field) in sorted.enumerated() {
            if index > 0, sorted[index - 1] == field { continue }
            text.append(contentsOf: field.name)
            text.append(contentsOf: field.value)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Numbers from this on are milliseconds: as seconds they would be in the year 5138 and later.
    private static let firstMilliseconds: Double = 100_000_000_000

    /// The range of time that JavaScript's `Date` has, too.
    private static let furthestMilliseconds: Double = 8_640_000_000_000_000

    private static func time(_ value: TemplateValue) throws(Unsuitable) -> Timestamp {
        if let text = value.json.string, let time = Timestamp(rfc3339: text) { return time }
        guard let number = value.json.double ?? value.json.string.flatMap(Double.init), number.isFinite else {
            throw Unsuitable(message: "is no time: neither RFC 3339 nor a number of seconds or milliseconds")
        }
        let milliseconds = abs(number) < firstMilliseconds ? number * 1000 : number
        guard abs(milliseconds) <= furthestMilliseconds else { throw Unsuitable(message: "is a time too far away") }
        return Timestamp(milliseconds: Int64(milliseconds))
    }
}

extension Timestamp {
    /// Seconds since 1970, rounded towards the past.
    fileprivate var wholeSeconds: Int64 {
        milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0)
    }
}
