import GrapnelCore
import GrapnelFormat
import TestSupport
import Testing

/// The files of the repository, and everything that may happen to them in an editor.
@Suite struct ShippedFileTests {
    /// What reads a file of a kind.
    private static func decode(_ path: String, _ text: String) throws(FormatErrors) {
        let parts = path.split(separator: "/").map(String.init)
        switch parts.last ?? "" {
        case "grapnel.yaml": _ = try HubConfiguration.decode(yaml: text, file: path)
        case "recipe.yaml": _ = try RecipeManifest.decode(yaml: text, name: parts[1], file: path)
        case "provider.yaml": _ = try ProviderDefinition.decode(yaml: text, id: parts[1], file: path)
        case "connector.yaml": _ = try ConnectorDefinition.decode(yaml: text, id: parts[1], file: path)
        default:
            if parts[0] == "recipes" {
                _ = try RecipeTest.decode(yaml: text, name: "t", file: path)
            } else {
                _ = try ConnectorTest.decode(yaml: text, name: "t", file: path)
            }
        }
    }

    private static let files: [String] =
        ["grapnel.yaml"]
        + ["recipes", "connectors"].flatMap { top in
            Checkout.names(in: top).flatMap { name in
                let folder = "\(top)/\(name)"
                let own = ["recipe.yaml", "provider.yaml", "connector.yaml"].map { "\(folder)/\($0)" }
                let tests = Checkout.names(in: "\(folder)/tests").map { "\(folder)/tests/\($0)" }
                return (own + tests).filter { Checkout.exists($0) }
            }
        }

    @Test(arguments: files)
    func `a shipped file has no mistake`(path: String) throws {
        try Self.decode(path, Checkout.text(path))
    }

    @Test func `there are files of every kind`() {
        for name in ["grapnel.yaml", "recipe.yaml", "provider.yaml", "connector.yaml", "/tests/"] {
            #expect(Self.files.contains { $0.contains(name) })
        }
    }

    /// Lines lost, doubled and exchanged, characters changed: the decoder answers with a value or with errors, and
    /// every error has its place.
    @Test(arguments: files)
    func `a damaged file is refused or read, and nothing worse`(path: String) {
        let random = SeededRandomSource(seed: 99)
        let lines = Checkout.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(max(1, count))) }
        for _ in 0..<60 {
            var changed = lines.map(String.init)
            let place = pick(changed.count)
            switch pick(5) {
            case 0: changed.remove(at: place)
            case 1: changed.insert(changed[place], at: place)
            case 2: changed.swapAt(place, pick(changed.count))
            case 3: changed[place] = String(repeating: " ", count: pick(5)) + changed[place].trimmingPrefix(" ")
            default:
                var bytes = Array(changed[place].utf8)
                let signs = Array("{}[]:-\"'|>&*!%@`#,? \t\\0".utf8)
                if bytes.isEmpty { bytes = [0x20] }
                bytes[pick(bytes.count)] = signs[pick(signs.count)]
                changed[place] = String(decoding: bytes, as: UTF8.self)
            }
            do throws(FormatErrors) {
                try Self.decode(path, changed.joined(separator: "\n"))
            } catch {
                #expect(!error.errors.isEmpty)
                for one in error.errors { #expect(one.description.hasPrefix(path), "\(one)") }
            }
        }
    }
}
