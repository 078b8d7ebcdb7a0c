import GrapnelCore
import GrapnelFormat
import Testing

/// What `handler:` and `sandbox:` of recipe.yaml may say of a program.
@Suite struct ProcessHandlerTests {
    private func manifest(_ keys: String) throws -> RecipeManifest {
        try RecipeManifest.decode(yaml: "on: { source: a }\n\(keys)", name: "r", file: "f")
    }

    @Test(arguments: ["handler.js", "./handler.ts", "lib/handler.js"])
    func `a script is no program`(handler: String) throws {
        let manifest = try manifest("handler: \(handler)")
        #expect(manifest.process == nil)
        #expect("./\(manifest.handler)".hasSuffix(handler.replacing("./", with: "")))
    }

    @Test(arguments: ["./handler.py", "handler.py", "./bin/handler", "handler"])
    func `an executable of the folder is kept warm in a sandbox`(handler: String) throws {
        let manifest = try manifest("handler: \(handler)")
        let process = try #require(manifest.process)
        #expect(process.mode == .warm)
        #expect(process.sandbox == .bubblewrap)
        #expect(process.program == "./\(manifest.handler)")
    }

    @Test func `a command is started for each run, with arguments of the event`() throws {
        let manifest = try manifest(
            "handler: { command: [git, -C, /srv/app, fetch, origin, \"{body.ref}\"] }\nsandbox: none")
        let process = try #require(manifest.process)
        #expect(process.mode == .once)
        #expect(process.sandbox == .none)
        #expect(process.command.map(\.source) == ["git", "-C", "/srv/app", "fetch", "origin", "{body.ref}"])
        #expect(manifest.handler.isEmpty)
        #expect(try self.manifest("handler: { command: [./run, 8] }").handler == "run")
    }

    @Test(arguments: [
        ("handler: ../x", "f:2:10:"), ("handler: ./a/../../x", "f:2:10:"), ("handler: /usr/bin/git", "f:2:10:"),
        ("handler: a//b", "f:2:10:"), ("handler: \"{body.x}\"", "f:2:10:"), ("handler: ./", "f:2:10:"),
        ("handler: {}", "\"command\""), ("handler: { command: [] }", "a program and its arguments"),
        ("handler: { command: [\"{body.x}\"] }", "cannot have placeholders"),
        ("handler: { command: [../x] }", "is no program"), ("handler: { command: [a/b] }", "is no program"),
        ("handler: { command: [-x] }", "is no program"), ("handler: { command: [/srv/../x] }", "is no program"),
        ("handler: { command: [git, \"{bdy.x}\"] }", "did you mean \"body\""),
        ("handler: { command: [git, \"{body.x\"] }", "f:2:27:"),
        ("handler: { command: [git], shell: true }", "unknown key \"shell\""),
        ("handler: { command: [git, \"{body.x}\"], mode: warm }", "mode: once"),
        ("handler: { command: [git], mode: forever }", "one of warm, once"),
        ("handler: ./x\nsandbox: docker", "one of bubblewrap, none"),
        ("handler: x.js\nsandbox: none", "a script is always in an isolate"),
    ])
    func `what could be another program is refused with its place`(keys: String, words: String) {
        let errors = #expect(throws: FormatErrors.self) { try manifest(keys) }
        #expect(errors?.errors.contains { $0.description.contains(words) } == true, "\(String(describing: errors))")
    }
}
