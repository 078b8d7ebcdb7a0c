import GrapnelCore
import Synchronization

/// Recipes that want what a test says, and answer as it says.
final class ScriptedRecipes: RecipeMatching, RunStarting {
    private let matching: @Sendable (Event) -> [RecipeMatch]
    private let replying: @Sendable () async -> HTTPReply?
    private let state = Mutex<[LeasedRun]>([])
    /// Places that were reserved and neither used nor given back.
    private let open = Mutex((now: 0, ever: 0))

    init(
        matching: @escaping @Sendable (Event) -> [RecipeMatch] = { _ in [] },
        replying: @escaping @Sendable () async -> HTTPReply? = { nil }
    ) {
        self.matching = matching
        self.replying = replying
    }

    /// A recipe that answers the vendor, with a fallback.
    static func answering(_ replying: @escaping @Sendable () async -> HTTPReply?) -> ScriptedRecipes {
        ScriptedRecipes(
            matching: { _ in
                [
                    RecipeMatch(
                        recipe: "answers", version: RecipeVersion(String(repeating: "a", count: 64)),
                        reply: ReplyPolicy(
                            within: .seconds(5), otherwise: HTTPReply(status: 200, body: Array("later".utf8))))
                ]
            }, replying: replying)
    }

    var started: [LeasedRun] { state.withLock { $0 } }

    func matches(for event: Event, body: JSON?) -> [RecipeMatch] { matching(event) }
    var reserved: (now: Int, ever: Int) { open.withLock { $0 } }

    func reserve(recipe: String) -> Bool {
        open.withLock { $0 = ($0.now + 1, $0.ever + 1) }
        return true
    }

    func release(recipe: String) { open.withLock { $0.now -= 1 } }

    func start(_ run: LeasedRun) {
        open.withLock { $0.now -= 1 }
        state.withLock { $0.append(run) }
    }

    func reply(to run: Identifier<Run>, within: Duration) async -> HTTPReply? { await replying() }
}
