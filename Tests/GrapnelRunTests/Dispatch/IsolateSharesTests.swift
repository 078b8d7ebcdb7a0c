import GrapnelRun
import Testing

@Suite struct IsolateSharesTests {
    /// Shares of a node that knows that its queue is empty.
    private func shares(capacity: Int) throws -> IsolateShares {
        var shares = IsolateShares(capacity: capacity)
        let plan = try claim(&shares, atMost: 10, recipes: [])
        _ = shares.endClaim(plan, claimed: [])
        return shares
    }

    private func claim(
        _ shares: inout IsolateShares, atMost limit: Int, recipes: [(name: String, connections: [String])],
        most: [String: Int] = [:]
    ) throws -> IsolateShares.ClaimPlan {
        let plan = shares.beginClaim(atMost: limit, recipes: recipes, most: most)
        return try #require(plan)
    }

    private func fill(_ shares: inout IsolateShares, _ recipe: String, uses: [String] = []) -> Int {
        var count = 0
        while shares.reserve(recipe, connections: uses) { count += 1 }
        return count
    }

    @Test func `nothing is taken past the queue before it was looked at`() {
        var shares = IsolateShares(capacity: 8)
        let isReserved = shares.reserve("a", connections: [])
        #expect(!isReserved)
        #expect(shares.waiting == ["a"])
    }

    @Test func `one recipe alone leaves a quarter for others`() throws {
        var shares = try shares(capacity: 16)
        #expect(fill(&shares, "a") == 12)
        #expect(shares.free == 4)
        #expect(fill(&shares, "b") == 4)
        #expect(shares.free == 0)
    }

    @Test func `while others wait no recipe takes more than a quarter`() throws {
        var shares = try shares(capacity: 16)
        _ = fill(&shares, "a")
        _ = fill(&shares, "b")
        for _ in 0..<6 { shares.giveBack("a") }
        // Both wait: older runs come first, and a holds its quarter already.
        let plan = try claim(&shares, atMost: 64, recipes: [])
        #expect(plan.excluded == ["a", "b"])
        _ = shares.endClaim(plan, claimed: [])
        #expect(shares.waiting == ["a", "b"])
        let isThird = shares.reserve("c", connections: [])
        #expect(isThird)
    }

    @Test func `older runs of the queue come first`() throws {
        var shares = try shares(capacity: 4)
        _ = fill(&shares, "a")
        _ = fill(&shares, "b")
        for _ in 0..<3 { shares.giveBack("a") }
        let overtakes = shares.reserve("c", connections: [])
        #expect(!overtakes)
        var hasMore = true
        while hasMore {
            let plan = try claim(&shares, atMost: 64, recipes: [])
            hasMore = shares.endClaim(plan, claimed: [])
        }
        #expect(shares.waiting.isEmpty)
        let isFree = shares.reserve("c", connections: [])
        #expect(isFree)
    }

    @Test func `a full claim means that more may wait`() throws {
        var shares = try shares(capacity: 8)
        let plan = try claim(&shares, atMost: 2, recipes: [])
        #expect(plan.limit == 2)
        #expect(shares.free == 6)
        _ = shares.endClaim(plan, claimed: ["a", "a"])
        #expect(shares.held == ["a": 2])
        #expect(shares.isWantedByQueue)
        let overtakes = shares.reserve("b", connections: [])
        #expect(!overtakes)
    }

    @Test func `a claim that finds no place is made when one is free`() throws {
        var shares = try shares(capacity: 2)
        for recipe in ["a", "b"] {
            let isReserved = shares.reserve(recipe, connections: [])
            #expect(isReserved)
        }
        #expect(!shares.isWantedByQueue)
        let plan = shares.beginClaim(atMost: 4, recipes: [])
        #expect(plan == nil)
        shares.giveBack("a")
        #expect(shares.isWantedByQueue)
        // What is due in the queue comes before what has just arrived.
        let overtakes = shares.reserve("c", connections: [])
        #expect(!overtakes)
    }

    @Test func `a claim that gives less frees the rest`() throws {
        var shares = try shares(capacity: 8)
        let plan = try claim(&shares, atMost: 4, recipes: [])
        _ = shares.endClaim(plan, claimed: ["a"])
        #expect(shares.free == 7)
        #expect(!shares.isWantedByQueue)
    }

    @Test func `a connection that hangs slows its own recipes only`() throws {
        var shares = try shares(capacity: 16)
        for _ in 0..<3 { _ = shares.reserve("a", connections: ["slow"]) }
        for _ in 0..<8 { _ = shares.reserve("b", connections: ["slow"]) }
        for _ in 0..<5 { shares.awaitBegan("slow") }
        let alsoSlow = shares.reserve("c", connections: ["slow", "fast"])
        #expect(alsoSlow)
        // Four places are left now: who uses the slow connection waits, who does not goes on.
        let waits = shares.reserve("d", connections: ["slow"])
        #expect(!waits)
        let goes = shares.reserve("e", connections: ["fast"])
        #expect(goes)
        for _ in 0..<5 { shares.awaitEnded("slow") }
        let plan = try claim(&shares, atMost: 64, recipes: [("d", ["slow"])])
        #expect(!plan.excluded.contains("d"))
    }

    @Test func `a node of one place works`() throws {
        var shares = try shares(capacity: 1)
        #expect(fill(&shares, "a") == 1)
        #expect(shares.beginClaim(atMost: 1, recipes: []) == nil)
        shares.giveBack("a")
        #expect(shares.isIdle)
        let plan = try claim(&shares, atMost: 1, recipes: [])
        #expect(plan.limit == 1)
    }

    @Test func `a claim that failed is tried again`() throws {
        var shares = try shares(capacity: 4)
        let plan = try claim(&shares, atMost: 4, recipes: [])
        #expect(shares.free == 1)
        shares.abandonClaim(plan)
        #expect(shares.free == 4)
        #expect(shares.isWantedByQueue)
    }

    @Test func `one claim takes nothing of what is kept for others`() throws {
        var shares = IsolateShares(capacity: 8)
        let recipes = [(name: "slow", connections: [String]()), (name: "quick", connections: [])]
        let plan = shares.beginClaim(atMost: 64, recipes: recipes)
        #expect(plan?.limit == 6)
        if let plan { _ = shares.endClaim(plan, claimed: Array(repeating: "slow", count: 6)) }
        let next = shares.beginClaim(atMost: 64, recipes: recipes)
        #expect(next?.excluded == ["slow"])
        if let next { _ = shares.endClaim(next, claimed: []) }
        let isPlaced = shares.reserve("quick", connections: [])
        #expect(isPlaced)
    }

    @Test func `a recipe that has all the runs it may have takes nothing from others by waiting`() throws {
        var shares = try shares(capacity: 16)
        while shares.reserve("slow", connections: [], atMost: 1) {}
        #expect(shares.waiting == ["slow"])
        #expect(fill(&shares, "quick") == 11)
    }

    @Test func `a recipe has no more runs than it says`() throws {
        var shares = try shares(capacity: 16)
        var reserved = 0
        while shares.reserve("a", connections: [], atMost: 2) { reserved += 1 }
        #expect(reserved == 2)
        let other = shares.reserve("b", connections: [])
        #expect(other)
        // What waits for a alone is wanted as soon as a has a place again, and not before.
        let plan = try claim(&shares, atMost: 64, recipes: [("a", [])], most: ["a": 2])
        #expect(plan.excluded == ["a"])
        let hasMore = shares.endClaim(plan, claimed: [])
        #expect(!hasMore)
        shares.giveBack("a")
        #expect(shares.isWantedByQueue)
        let next = try claim(&shares, atMost: 64, recipes: [("a", [])], most: ["a": 2])
        #expect(next.rooms == ["a": 1])
        // Its last place is the claim's, until that has ended.
        let isOver = shares.reserve("a", connections: [], atMost: 2)
        #expect(!isOver)
        _ = shares.endClaim(next, claimed: ["a"])
        #expect(shares.held["a"] == 2)
        // It filled its room, so more may wait.
        #expect(shares.waiting == ["a"])
    }
}
