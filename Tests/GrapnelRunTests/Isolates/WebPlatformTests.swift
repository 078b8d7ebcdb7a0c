import GrapnelCore
import GrapnelRun
import Testing

/// The public Web Platform Tests, run where their files are: `make web-platform-tests WPT=<folder>`. They are not part
/// of this repository.
@Suite(.enabled(if: WebPlatformScript.givenRoot != nil), .serialized)
struct WebPlatformTests {
    /// An area: where its scripts are, which of them are about what isolates have, and what part of them has to pass.
    struct Area: CustomTestStringConvertible {
        let name: String
        let folders: [String]
        var isWanted: @Sendable (String) -> Bool = { _ in true }
        let least: Double
        var testDescription: String { name }
    }

    private static let algorithms = ["AES-GCM", "Ed25519", "HMAC", "RSA-PSS", "RSASSA", "ECDSA"]

    static let areas = [
        Area(name: "URL", folders: ["url"], least: 0.999),
        // Other encodings than UTF-8, UTF-16 and Latin-1, and shared memory, are not there.
        Area(
            name: "Encoding", folders: ["encoding"],
            isWanted: { !$0.contains("single-byte") && !$0.contains("iso-2022") }, least: 0.90),
        Area(name: "Abort", folders: ["dom/abort"], least: 0.999),
        Area(name: "Events", folders: ["dom/events"], least: 0.9),
        Area(
            name: "Blob and File", folders: ["FileAPI/blob", "FileAPI/file"], isWanted: { !$0.hasPrefix("send-") },
            least: 0.98),
        Area(
            name: "Headers and bodies",
            folders: ["fetch/api/headers", "fetch/api/body", "fetch/api/request", "fetch/api/response"], least: 0.8),
        Area(name: "Base64", folders: ["html/webappapis/atob"], least: 0.999),
        Area(name: "Structured clone", folders: ["html/webappapis/structured-clone"], least: 0.98),
        Area(
            name: "Timers and microtasks", folders: ["html/webappapis/timers", "html/webappapis/microtask-queuing"],
            least: 0.9),
        Area(
            name: "Time", folders: ["hr-time"], isWanted: { $0.hasPrefix("basic") || $0.hasPrefix("mono") }, least: 0.8),
        Area(
            name: "Readable streams", folders: ["streams", "streams/readable-streams"],
            isWanted: { !$0.contains("transferable") && !$0.contains("owning") }, least: 0.9),
        Area(
            name: "Digests, signatures, AES-GCM",
            folders: [
                "WebCryptoAPI", "WebCryptoAPI/digest", "WebCryptoAPI/sign_verify", "WebCryptoAPI/encrypt_decrypt",
            ],
            isWanted: { name in
                !["aes_cbc", "aes_ctr", "rsa_oaep", "historical"].contains { name.hasPrefix($0) }
            }, least: 0.9),
        Area(
            name: "Generating keys", folders: ["WebCryptoAPI/generateKey"],
            isWanted: { name in algorithms.contains { name.contains($0) } }, least: 0.999),
        Area(
            name: "Importing keys", folders: ["WebCryptoAPI/import_export"],
            isWanted: { !$0.contains("X25519") && !$0.contains("448") }, least: 0.5),
    ]

    @Test(arguments: areas) func `an area of the platform passes as much as it did`(area: Area) async throws {
        guard let root = WebPlatformScript.givenRoot else { return }
        let scripts = area.folders.flatMap { WebPlatformScript.all(in: $0, root: root, named: area.isWanted) }
        var (passed, total) = (0, 0)
        var failed: [String] = []
        try await IsolateBench.with { bench async throws in
            for script in scripts {
                for variant in script.variants {
                    let outcome = await bench.run(
                        script.handler(variant: variant), isFresh: true,
                        limits: RunLimits(cpu: .seconds(60), wall: .seconds(120), memory: .mebibytes(512)))
                    total += outcome.value("total") ?? 1
                    passed += outcome.value("passed") ?? 0
                    failed += outcome.failures(of: script.path)
                }
            }
        }
        print("\(area.name): \(passed) of \(total)")
        for line in failed { print("  - \(line)") }
        #expect(scripts.isEmpty || Double(passed) >= area.least * Double(total))
    }
}

extension IsolateOutcome {
    fileprivate func value(_ key: String) -> Int? {
        guard case .returned(let result?) = result else { return nil }
        return result[key]?.integer.map(Int.init)
    }

    fileprivate func failures(of script: String) -> [String] {
        guard case .returned(let value?) = result else { return ["\(script): \(result)"] }
        return (value["failed"]?.array ?? []).compactMap { $0.string.map { "\(script): \($0)" } }
    }
}
