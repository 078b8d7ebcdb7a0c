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
    func reload() async -> HubReload { reloading }
}
