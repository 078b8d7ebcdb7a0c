import GrapnelCore
import GrapnelWeb

/// A hub of which a test says everything.
struct ScriptedControl: HubControl {
    let notices = NoticeList()
    var reloading: HubReload = .done(["sources": 1])

    func status() -> JSONObject { JSONObject([("version", "test")]) }
    func sources() -> [JSON] { [["name": "github"]] }
    func recipes() -> [JSON] { [["name": "greeter"]] }
    func connections() -> [JSON] { [["name": "slack", "state": "closed"]] }
    func post(_ notice: Notice) async { notices.add(notice) }
    func recipes(wanting event: Event) -> [RecipeMatch] {
        [RecipeMatch(recipe: "greeter", version: RecipeVersion(String(repeating: "a", count: 64)))]
    }
    func activeVersion(ofRecipe name: String) -> RecipeVersion? {
        name == "greeter" ? RecipeVersion(String(repeating: "a", count: 64)) : nil
    }
    func schedules() async throws -> [JSON] { [["recipe": "greeter", "expression": "@daily"]] }
    func plannedRuns(limit: Int) async throws -> [Run] { [] }
    func plan(_ recipe: String, at: Timestamp, body: JSON?) async throws -> Identifier<Run> {
        Identifier(high: UInt64(bitPattern: at.milliseconds), low: 1)
    }
    func release(_ recipe: String) async throws -> Int { recipe == "greeter" ? 1 : 0 }
    var now: Timestamp { Timestamp(milliseconds: 1_767_603_600_000) }
    func reload() async -> HubReload { reloading }
}
