import GrapnelCore
import GrapnelFormat
import GrapnelIngest
import GrapnelRun
import GrapnelSend
import Synchronization

/// The hub's files: two sources, two connections with an operation of every class, and recipes that use them.
enum SimulatedDefinitions {
    static let sources = ["shop", "till"]
    static let connections = ["alpha", "beta"]
    static let hosts = ["alpha.example", "beta.example"]
    static let operations = ["safe", "idempotent", "vendor_key", "reconcile", "at_least_once", "at_most_once"]
    /// The operation by which the vendor tells whether a `reconcile` took place.
    static let lookup = "find"

    /// Recipes that every hub has.
    static let recipes = [
        SimulatedRecipe(name: "ledger", sources: ["shop"], connections: ["alpha", "beta"]),
        SimulatedRecipe(name: "notify", sources: ["shop"], connections: ["beta"], attempts: 4),
        SimulatedRecipe(
            name: "answer", sources: ["till"], connections: ["alpha"],
            keys: "reply: { within: 10s, otherwise: { status: 202 } }\n"),
    ]

    /// Recipes that some hubs have as well.
    static let furtherRecipes = [
        SimulatedRecipe(
            name: "queue", sources: ["till"], connections: ["beta"], keys: "order_by: body.key\n", attempts: 4,
            line: .ordered),
        SimulatedRecipe(
            name: "pair", sources: ["till"], connections: ["alpha"],
            keys: "concurrency: { limit: 2, key: body.key }\ndelay: 10m\n", attempts: 5,
            delay: 10 * SimulationPlan.minute, line: .limited(2)),
    ]

    /// Groups of recipes of which few hubs have many: each is one more way for a run to wait, or to come.
    static let rareRecipes = [
        [
            SimulatedRecipe(
                name: "digest", sources: ["shop"], connections: ["alpha"],
                keys: "debounce: { quiet: 10m, at_most: 12m, key: body.key }\n", attempts: 4,
                gathering: .debounce(quiet: 10 * SimulationPlan.minute, atMost: 12 * SimulationPlan.minute))
        ],
        [
            SimulatedRecipe(
                name: "bundle", sources: ["till"], connections: ["beta"],
                keys: "batch: { size: 3, within: 20m, key: body.key }\n", attempts: 4,
                gathering: .batch(size: 3, within: 20 * SimulationPlan.minute))
        ],
        [
            SimulatedRecipe(name: "relay", sources: ["shop"], connections: ["alpha"], attempts: 4, emits: true),
            SimulatedRecipe(
                name: "heard", sources: ["recipe:relay", "recipe:heard"], connections: ["beta"], attempts: 3,
                emits: true),
        ],
        [
            SimulatedRecipe(
                name: "fresh", sources: ["shop"], connections: ["beta"], keys: "expire: 30m\n", attempts: 6,
                expire: 30 * SimulationPlan.minute)
        ],
        [
            SimulatedRecipe(
                name: "steady", sources: ["till"], connections: ["alpha"],
                keys: "rate: { limit: 2/1h, key: body.key }\n", attempts: 3,
                rate: SimulatedRecipe.Rate(count: 2, interval: SimulationPlan.hour))
        ],
    ]

    /// How many events may lead to one another.
    static let depth = 3

    /// The recipe of hubs that have a schedule.
    static let scheduled = SimulatedRecipe(
        name: "clock", sources: ["schedule:clock"], connections: ["beta"], attempts: 3)

    /// The key of a delivery; `nil` for one that has none, and so stands in no line.
    static func key(_ number: Int64, of keys: Int64) -> String? { number % 8 == 7 ? nil : "k\(number % keys)" }

    static let secrets: any SecretReading = SimulatedSecrets()

    /// The recipes, ready to run.
    static func deployed(_ recipes: [SimulatedRecipe], schedule: SimulatedSchedule?) throws -> [DeployedRecipe] {
        try recipes.map { recipe in
            DeployedRecipe(
                manifest: try manifest(recipe, schedule), version: RecipeVersion(String(repeating: "a", count: 64)),
                script: Array("1".utf8), sourceMap: [])
        }
    }

    /// Manifests by their text: read once for all seeds.
    private static let manifests = Mutex<[String: RecipeManifest]>([:])

    private static func manifest(_ recipe: SimulatedRecipe, _ schedule: SimulatedSchedule?) throws -> RecipeManifest {
        let list = operations.joined(separator: ", ")
        let uses = recipe.connections.map { "\($0): [\(list)]" }.joined(separator: ", ")
        let text = """
            on: \(recipe.trigger(schedule))
            handler: handler.js
            uses: { \(uses) }
            retries: { attempts: \(recipe.attempts) }
            \(recipe.keys)
            """
        let key = "\(recipe.name): \(text)"
        if let known = manifests.withLock({ $0[key] }) { return known }
        let manifest = try RecipeManifest.decode(yaml: text, name: recipe.name, file: "recipe.yaml")
        manifests.withLock { $0[key] = manifest }
        return manifest
    }

    static func inbound() throws -> [String: Source] {
        var compiled: [String: Source] = [:]
        for name in sources {
            let configuration = SourceConfiguration(
                name: name, provider: "none", insecure: true,
                options: ["id": "{headers.x-delivery}", "type": "{body.type}"])
            compiled[name] = try Source(configuration, providers: [], secrets: secrets, publicURL: nil)
        }
        return compiled
    }

    static func connections(_ plan: SimulationPlan) throws -> [Connection] {
        let connector = try connector.get()
        return try zip(connections, hosts).map { name, host in
            try Connection(
                ConnectionConfiguration(
                    name: name, connector: "vendor", credentials: ["token": name], baseURL: "https://\(host)",
                    rate: plan.rate.flatMap { RateLimit($0) }, concurrency: plan.concurrency,
                    flow: plan.flows[name]?.flow() ?? ConnectionFlow()), connector: connector)
        }
    }

    /// Read once for all seeds.
    private static let connector = Result {
        try ConnectorDefinition.decode(yaml: yaml, id: "vendor", file: "connector.yaml")
    }

    private static let yaml: String = {
        func further(_ name: String) -> String {
            switch name {
            case "vendor_key": "    idempotency: { header: Idempotency-Key, window: 24h }\n"
            case "reconcile":
                """
                    reconcile:
                      operation: \(lookup)
                      input: { origin: "{input.origin}", step: "{input.step}", number: "{input.number}" }
                      found: { output.found: true }

                """
            default: ""
            }
        }
        let classes = (operations + [lookup]).map { name in
            """
              \(name):
                summary: An operation
                effect: \(name == lookup ? "safe" : name)
            \(further(name))\
                input: { type: object }
                request:
                  method: POST
                  path: /\(name)
                  json: { origin: "{input.origin}", step: "{input.step}", number: "{input.number}" }
            """
        }
        return
            "name: Vendor\nauth: { kind: bearer, credential: token }\noperations:\n\(classes.joined(separator: "\n"))\n"
    }()
}
