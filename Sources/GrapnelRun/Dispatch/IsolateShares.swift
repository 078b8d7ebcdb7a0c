/// Who may take a place for a run: pure account of what is held and what waits.
///
/// While others wait, or when little is left, no recipe holds more than a quarter of the places, and none that uses a
/// connection which runs in a quarter of the places are awaiting takes another: a vendor that hangs slows its own
/// recipes only.
package struct IsolateShares: Sendable {
    /// What a claim may take.
    package struct ClaimPlan: Sendable, Hashable {
        /// At least 1.
        package var limit: Int
        /// Recipes that are at their share, or at the most of their runs at a time.
        package var excluded: Set<String>
        /// How many runs the claim may take of the recipes that have a most.
        package var rooms: [String: Int] = [:]
    }

    package let capacity: Int
    /// Places of runs that are reserved or running, by recipe.
    package private(set) var held: [String: Int] = [:]
    /// Places set aside for a claim that is under way.
    private var claiming = 0
    private var total = 0
    /// Recipes that were refused a place and so wait in the queue.
    package private(set) var waiting: Set<String> = []
    /// Whether the queue may hold ready runs that nobody here knows of.
    private var mayHoldMore = true
    /// Runs that are awaiting a connection.
    private var awaiting: [String: Int] = [:]
    /// Which connections a recipe uses.
    private var connections: [String: [String]] = [:]
    /// The most runs of a recipe at a time: `concurrency` of recipe.yaml.
    private var most: [String: Int] = [:]
    /// The places that a claim which is under way may fill for recipes that have a most.
    private var claimedRooms: [String: Int] = [:]

    package init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Places that nobody holds.
    package var free: Int { max(0, capacity - total - claiming) }

    /// Whether no run holds a place.
    package var isIdle: Bool { total == 0 }

    /// The most that one recipe, or one connection, holds while others wait.
    package var share: Int { max(1, capacity / 4) }

    /// Places that are kept for recipes that are not at their share.
    private var headroom: Int { capacity >= 4 ? share : 0 }

    /// Takes a place for a run that is not stored yet; `false` when it must wait in the queue, because there is no
    /// place for it or because older runs come first.
    package mutating func reserve(_ recipe: String, connections used: [String], atMost most: Int? = nil) -> Bool {
        connections[recipe] = used
        self.most[recipe] = most
        let olderWait = mayHoldMore || waiting.contains { !isAtShare($0) }
        guard free > 0, !olderWait, !isAtShare(recipe) else {
            waiting.insert(recipe)
            return false
        }
        add(recipe)
        return true
    }

    /// Gives a place back.
    package mutating func giveBack(_ recipe: String) {
        guard let count = held[recipe] else { return }
        held[recipe] = count == 1 ? nil : count - 1
        total -= 1
    }

    /// Sets places aside for a claim; `nil` when there is none.
    ///
    /// - Parameters:
    ///   - limit: The most runs of one claim.
    ///   - recipes: Every active recipe, with the connections that it uses.
    ///   - most: The most runs at a time of the recipes that have such a bound.
    package mutating func beginClaim(
        atMost limit: Int, recipes: [(name: String, connections: [String])], most: [String: Int] = [:]
    ) -> ClaimPlan? {
        for recipe in recipes { connections[recipe.name] = recipe.connections }
        self.most = most
        guard free > 0 else {
            // What it would have found is asked for when a place is free.
            mayHoldMore = true
            return nil
        }
        // With several recipes waiting, small bites keep one of them from taking more than its share at once.
        let bite = waiting.count { !isAtMost($0) } > 1 ? max(1, share / 4) : limit
        // One claim must not take what is kept for others, however much of it one recipe could fill.
        let room = free > headroom ? free - headroom : free
        let excluded = Set(connections.keys.filter { isAtShare($0) })
        var plan = ClaimPlan(limit: min(room, bite, limit), excluded: excluded)
        for (recipe, most) in most where !excluded.contains(recipe) {
            plan.rooms[recipe] = max(0, most - held[recipe, default: 0])
        }
        claiming += plan.limit
        claimedRooms = plan.rooms
        return plan
    }

    /// Turns the places of a claim into those of the runs that it gave; the rest is free again. Returns whether
    /// another claim may give more at once.
    package mutating func endClaim(_ plan: ClaimPlan, claimed recipes: [String]) -> Bool {
        claiming -= plan.limit
        claimedRooms = [:]
        for recipe in recipes { add(recipe) }
        mayHoldMore = recipes.count >= plan.limit
        if !mayHoldMore {
            // One that took all that it may have still waits, as far as anybody knows.
            let counts = Dictionary(recipes.map { ($0, 1) }, uniquingKeysWith: +)
            let full = plan.rooms.filter { counts[$0.key, default: 0] >= $0.value }.keys
            waiting = waiting.intersection(plan.excluded).union(full)
        }
        return mayHoldMore || waiting.contains { !isAtShare($0) }
    }

    /// Gives up a claim that failed.
    package mutating func abandonClaim(_ plan: ClaimPlan) {
        claiming -= plan.limit
        claimedRooms = [:]
        mayHoldMore = true
    }

    /// Whether a place that becomes free is wanted by the queue.
    package var isWantedByQueue: Bool { mayHoldMore || !waiting.isEmpty }

    /// A run begins to await a connection.
    package mutating func awaitBegan(_ connection: String) { awaiting[connection, default: 0] += 1 }

    /// A run has its answer.
    package mutating func awaitEnded(_ connection: String) {
        let rest = awaiting[connection, default: 1] - 1
        awaiting[connection] = rest > 0 ? rest : nil
    }

    /// Whether a recipe has as many runs as it may have at a time.
    private func isAtMost(_ recipe: String) -> Bool {
        most[recipe].map { held[recipe, default: 0] + claimedRooms[recipe, default: 0] >= $0 } ?? false
    }

    private func isAtShare(_ recipe: String) -> Bool {
        if isAtMost(recipe) { return true }
        // Who may not take a place anyway waits for his own to become free.
        let othersWait = waiting.contains { $0 != recipe && !isAtMost($0) }
        if !othersWait, free > headroom { return false }
        if held[recipe, default: 0] >= share { return true }
        return connections[recipe]?.contains { awaiting[$0, default: 0] >= share } ?? false
    }

    private mutating func add(_ recipe: String) {
        held[recipe, default: 0] += 1
        total += 1
    }
}
