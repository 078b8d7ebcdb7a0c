import GrapnelCore

/// Where a search for what is to be erased goes on.
package struct ErasurePlace: Sendable, Hashable {
    /// What is searched, in this order.
    enum Part: String, CaseIterable, Sendable {
        /// Requests, with all that hangs on them.
        case stories
        case rejections
        case keyValues
        /// Delivery ids that are remembered.
        case deliveries
    }

    var part: Part
    /// The number of the row that was looked at last.
    var number: Int64 = 0
    /// Its key, where it has no number.
    var key: [String] = []

    /// The beginning.
    package static let start = ErasurePlace(part: .stories)

    init(part: Part, number: Int64 = 0, key: [String] = []) {
        self.part = part
        self.number = number
        self.key = key
    }

    /// The place that `text` spells; `nil` when it spells none.
    package init?(text: String) {
        guard let parts = (try? JSONParser.parse(text))?.array, parts.count >= 2,
            let part = parts[0].string.flatMap({ Part(rawValue: $0) }), let number = parts[1].integer
        else { return nil }
        self.init(part: part, number: number, key: parts.dropFirst(2).compactMap(\.string))
    }

    package var text: String {
        JSONWriter.text(.array([.string(part.rawValue), .integer(number)] + key.map { .string($0) }))
    }
}
