import GrapnelCore

/// Deals what a claim may take among recipes that have due runs, one each in turn, so that none of them waits behind
/// another's flood.
struct ClaimTurns {
    /// The due runs of one recipe, oldest first, as far as they were looked at.
    struct Line {
        var recipe: String
        var candidates: [RunTable.Candidate]
    }

    /// What was dealt, and to whom last.
    struct Deal {
        var candidates: [RunTable.Candidate] = []
        var lastRecipe: String?
    }

    /// Gives each line its oldest run, then its second, until `limit` are given or none is left.
    static func deal(_ lines: [Line], limit: Int) -> Deal {
        var deal = Deal()
        var round = 0
        var isEmpty = lines.isEmpty
        while !isEmpty, deal.candidates.count < limit {
            isEmpty = true
            for line in lines where round < line.candidates.count && deal.candidates.count < limit {
                deal.candidates.append(line.candidates[round])
                deal.lastRecipe = line.recipe
                isEmpty = false
            }
            round += 1
        }
        deal.candidates.sort { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }
        return deal
    }

    /// The names in the order of their turns when the last one went to `place`.
    static func order(_ names: [String], after place: String) -> [String] {
        let sorted = names.sorted()
        return sorted.filter { $0 > place } + sorted.filter { $0 <= place }
    }
}
