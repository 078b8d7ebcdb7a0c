import GrapnelCore
import GrapnelFormat
import GrapnelIngest
import GrapnelRun
import GrapnelSend

/// The files of a hub in a storm: the crowd and the others, each with a source, a recipe and a vendor.
enum StormDefinitions {
    static let crowd = "crowd"
    static let others = "others"

    static func host(_ name: String) -> String { "\(name).example" }

    /// The recipes, ready to run.
    static func deployed() throws -> [DeployedRecipe] {
        try [crowd, others].map { name in
            let manifest = try RecipeManifest.decode(
                yaml: "on: { source: \(name) }\nhandler: handler.js\nuses: { \(name): [post] }\n", name: name,
                file: "recipe.yaml")
            return DeployedRecipe(
                manifest: manifest, version: RecipeVersion(String(repeating: "a", count: 64)), script: Array("1".utf8),
                sourceMap: [])
        }
    }

    static func inbound() throws -> [String: Source] {
        var sources: [String: Source] = [:]
        for name in [crowd, others] {
            let configuration = SourceConfiguration(
                name: name, provider: "none", insecure: true, options: ["id": "{headers.x-delivery}"])
            sources[name] = try Source(
                configuration, providers: [], secrets: SimulatedDefinitions.secrets, publicURL: nil)
        }
        return sources
    }

    /// The connections, with what every connection has that says nothing of it.
    static func connections() throws -> [Connection] {
        let connector = try ConnectorDefinition.decode(
            yaml: """
                name: Vendor
                operations:
                  post:
                    summary: An operation
                    effect: idempotent
                    input: { type: object }
                    request: { method: POST, path: /post, json: { number: "{input.number}" } }
                """, id: "vendor", file: "connector.yaml")
        return try [crowd, others].map { name in
            try Connection(
                ConnectionConfiguration(name: name, connector: "vendor", baseURL: "https://\(host(name))"),
                connector: connector)
        }
    }
}
