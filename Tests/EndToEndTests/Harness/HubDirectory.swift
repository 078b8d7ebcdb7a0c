import FoundationEssentials
import Glibc
import TestSupport

/// A hub directory of a test: one signed source, connections to stand-ins, the recipes that the test brings, and a state
/// of its own.
final class HubDirectory: Sendable {
    static let secret = "an end-to-end secret"

    private let directory: TemporaryDirectory
    /// What the hub and the command line are started with.
    let environment: [String: String]

    /// - Parameters:
    ///   - standIns: The port of the stand-ins.
    ///   - recipes: The text of `recipe.yaml` and `handler.js` by recipe name.
    ///   - settings: More lines of `grapnel.yaml`.
    init(standIns: Int, recipes: [String: (manifest: String, handler: String)], settings: String = "") throws {
        directory = try TemporaryDirectory("grapnel-hub")
        let base = "http://127.0.0.1:\(standIns)"
        environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "GRAPNEL_DIR": directory.path,
            "GRAPNEL_KEY_FILE": directory.file("hub.key"), "GRAPNEL_LISTEN": "127.0.0.1:0",
            "GRAPNEL_ADMIN": "127.0.0.1:0",
            "SWIFT_BACKTRACE": "enable=no", "HOOK_SECRET": HubDirectory.secret, "TOKEN": "an-access-token",
            "SID": "AC0123",
        ]
        try write(
            """
            sources:
              github:
                provider: github
                secrets: [HOOK_SECRET]
            connections:
              slack: { connector: slack, base_url: "\(base)/slack", credentials: { token: TOKEN } }
              sms: { connector: twilio, base_url: "\(base)/twilio", credentials: { account_sid: SID, auth_token: TOKEN } }
              store: { connector: http, base_url: "\(base)/http", credentials: { token: TOKEN } }
            egress:
              allow_private: ["127.0.0.1:\(standIns)"]
            \(settings)

            """, to: "grapnel.yaml")
        guard symlink("\(Checkout.root)/connectors", directory.file("connectors")) == 0 else {
            throw HarnessError("connectors cannot be linked: \(errno)")
        }
        mkdir(directory.file("recipes"), 0o755)
        for (name, recipe) in recipes {
            mkdir(directory.file("recipes/\(name)"), 0o755)
            try write(recipe.manifest, to: "recipes/\(name)/recipe.yaml")
            try write(recipe.handler, to: "recipes/\(name)/handler.js")
        }
    }

    /// The path of a file of the directory.
    func file(_ name: String) -> String { directory.file(name) }

    /// The names of what is in the directory.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory.path) }

    /// What a file holds.
    func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

    /// Writes a file of the directory.
    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(filePath: directory.file(name)))
    }

    /// Writes a file of the directory.
    func write(_ text: String, to name: String) throws {
        guard let file = fopen(directory.file(name), "w") else { throw HarnessError("\(name) cannot be written") }
        defer { fclose(file) }
        guard fputs(text, file) >= 0 else { throw HarnessError("\(name) cannot be written") }
    }
}
