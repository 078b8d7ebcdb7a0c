import GrapnelCore

extension ListClause {
    /// Requires of an event, the table `event`, and of its request, the table `request`, what a filter says; but for its
    /// closure.
    mutating func require(_ filter: EventFilter, event: String, request: String) {
        if let source = filter.source { require("\(event).source = ?", source) }
        if let type = filter.type {
            let isPattern = type.contains("*")
            require(isPattern ? "\(event).type GLOB ?" : "\(event).type = ?", isPattern ? ListClause.glob(type) : type)
        }
        if let containing = filter.containing {
            // One of several events of a request has its own part of the body as its value.
            require(
                """
                (instr(CASE WHEN length(\(request).events) > 16 THEN coalesce(\(event).value, \(request).body) \
                ELSE \(request).body END, ?) OR instr(\(event).value, ?) OR instr(\(request).headers, ?) \
                OR instr(CAST(\(request).query AS BLOB), ?))
                """, containing, times: 4)
        }
    }

    /// Requires that an error says `text`, in which `…` stands for anything.
    mutating func require(_ column: String, saying text: String) {
        let parts = text.split(separator: "…", omittingEmptySubsequences: false).map { ListClause.literal(String($0)) }
        require("lower(\(column)) GLOB lower(?)", "*\(parts.joined(separator: "*"))*")
    }

    /// Requires one of these reasons; none means any.
    mutating func require(dead: Set<DeadReason>, parked: Set<ParkReason>, of table: String) {
        guard !dead.isEmpty || !parked.isEmpty else { return }
        func list(_ codes: [Int64]) -> String { codes.sorted().map { String($0) }.joined(separator: ", ") }
        require(
            "(\(table).dead_reason IN (\(list(dead.map(\.code)))) "
                + "OR \(table).park_reason IN (\(list(parked.map(\.code)))))")
    }

    /// A text as GLOB writes it, with nothing in it that is special.
    private static func literal(_ text: String) -> String {
        glob(text).replacing("*", with: "[*]")
    }
}
