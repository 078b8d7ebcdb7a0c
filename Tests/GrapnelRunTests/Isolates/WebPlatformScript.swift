import Glibc
import GrapnelCore
import TestSupport

/// One plain script of the public Web Platform Tests, and the bundle that runs it in an isolate.
struct WebPlatformScript {
    /// The folder that the environment names, as a path from the top of this repository; `nil` when it names none.
    static let givenRoot: String? = getenv("GRAPNEL_WPT").map {
        String(repeating: "../", count: 64) + String(cString: $0).drop { $0 == "/" }
    }

    /// The folder that holds the tests, as a path from the top of this repository.
    let root: String
    /// The script's path in that folder.
    let path: String

    /// The scripts of an area (`*.any.js`), in order. Those that compare whole interface definitions, or need another
    /// realm, are left out.
    static func all(in folder: String, root: String, named isWanted: (String) -> Bool = { _ in true }) -> [Self] {
        Checkout.names(in: "\(root)/\(folder)").filter { name in
            name.hasSuffix(".any.js") && !name.contains("idlharness") && !name.contains("shadowrealm") && isWanted(name)
        }.map { WebPlatformScript(root: root, path: "\(folder)/\($0)") }
    }

    /// The parts in which a long script asks to be run; one without a name when it does not.
    var variants: [String] {
        let found = values(of: "variant")
        return found.isEmpty ? [""] : found
    }

    /// A handler that runs the script and returns `{ passed, total, failed: [name: message] }`.
    func handler(variant: String) -> String {
        let scripts = values(of: "script").map { text(resolved($0)) }
        let files = quotedNames(endingIn: ".json").map { name in
            (name, JSON.string(text(resolved(name))))
        }
        let resources = JSON.object(JSONObject(files))
        return """
            return await (async () => {
            globalThis.GLOBAL = { isWindow: () => false, isWorker: () => false, isShadowRealm: () => false }
            globalThis.location = { search: \(written(.string(variant))), href: 'about:blank', pathname: '/' }
            const resources = \(written(resources))
            globalThis.fetch = async (name) => ({ ok: true, text: async () => resources[name], json: async () => JSON.parse(resources[name]) })
            \(Self.fileReader);
            \(text("\(root)/resources/testharness.js"))
            \(scripts.joined(separator: "\n;\n"))
            \(text("\(root)/\(path)"))
            ;
            const ended = await new Promise((resolve) => { add_completion_callback((tests) => resolve(tests)); done() })
            const wrong = ended.filter((test) => test.status !== 0)
            return { passed: ended.length - wrong.length, total: ended.length, failed: wrong.slice(0, 200).map((test) => `${test.name}: ${test.message}`.slice(0, 300)) }
            })()
            """
    }

    /// The tests of blobs read them with this; isolates have no use for it.
    private static let fileReader = """
        globalThis.FileReader = class extends EventTarget {
          #read(promise) { promise.then((result) => { this.result = result; this.readyState = 2; for (const type of ['load', 'loadend']) {
            const event = new Event(type); this['on' + type]?.(event); this.dispatchEvent(event) } }) }
          readAsText(blob) { this.#read(blob.text()) }
          readAsArrayBuffer(blob) { this.#read(blob.arrayBuffer()) }
        }
        """

    private func values(of key: String) -> [String] {
        let start = "// META: \(key)="
        return text("\(root)/\(path)").split(separator: "\n").compactMap { line in
            line.hasPrefix(start) ? String(line.dropFirst(start.count)) : nil
        }
    }

    private func quotedNames(endingIn suffix: String) -> [String] {
        text("\(root)/\(path)").split(whereSeparator: { $0 == "\"" || $0 == "'" || $0 == "\n" }).map(String.init)
            .filter { $0.hasSuffix(suffix) && !$0.contains(" ") }
    }

    private func resolved(_ name: String) -> String {
        if name.hasPrefix("/") { return root + name }
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        return "\(root)/\(folder)/\(name)"
    }

    private func text(_ path: String) -> String {
        String(decoding: Checkout.bytes(path), as: UTF8.self)
    }

    private func written(_ value: JSON) -> String {
        String(decoding: JSONWriter.bytes(value), as: UTF8.self)
    }
}
