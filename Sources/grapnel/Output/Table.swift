/// Rows in aligned columns under a heading, for people.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: [String]) {
        self.headings = headings
    }

    /// Adds a row; of a cell with several lines the first one.
    mutating func add(_ cells: [String]) {
        rows.append(cells.map { cell in String(cell.prefix { !$0.isNewline }) })
    }

    /// The lines of the table; the last column is cut to `width` unless that is 0.
    func lines(width: Int) -> [String] {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { Table.visibleCount($0[column]) }.max() ?? 0 }
        return all.enumerated().map { index, cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                let isLast = column == cells.count - 1
                let room = width > 0 ? max(8, width - Table.visibleCount(line)) : Int.max
                let text = isLast && Table.visibleCount(cell) > room ? String(cell.prefix(room - 1)) + "…" : cell
                line += text
                if !isLast { line += String(repeating: " ", count: widths[column] - Table.visibleCount(cell) + 2) }
            }
            return index == 0 ? Style.dim(line) : line
        }
    }

    /// Writes the table, or what to say when it is empty.
    func print(empty: String) {
        guard !rows.isEmpty else { return Terminal.print(empty) }
        for line in lines(width: Terminal.width) { Terminal.print(line) }
    }

    /// The characters that take room: colour sequences do not.
    private static func visibleCount(_ text: String) -> Int {
        var count = 0
        var isInSequence = false
        for character in text {
            if character == "\u{1B}" { isInSequence = true }
            if !isInSequence { count += 1 }
            if isInSequence, character == "m" { isInSequence = false }
        }
        return count
    }
}
