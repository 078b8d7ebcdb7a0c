/// The whole numbers in a query, by name.
struct QueryNumbers {
    private let query: String

    init(_ query: String) {
        self.query = query
    }

    /// The number `name`; `nil` when it is not there.
    subscript(name: String) -> Int? {
        get throws(EmulatorProblem) {
            for pair in query.split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.first.map(String.init) == name else { continue }
                guard parts.count == 2, let number = Int(parts[1]), (0...1_000_000_000_000).contains(number) else {
                    throw EmulatorProblem(400, "The query cannot be read", ["\(name) must be a whole number"])
                }
                return number
            }
            return nil
        }
    }
}
