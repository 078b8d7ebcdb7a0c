import Testing

/// The layers: a target imports only what its row names, and siblings never import each other.
@Suite struct ImportTests {
    /// What each folder of `Sources` may import, beside what every Swift file may.
    static let table: [String: Set<String>] = [
        // The system clocks are C macros, which this module of the toolchain spells out.
        "GrapnelCore": ["SwiftOverlayShims"],
        "GrapnelCrypto": ["GrapnelCore", "COpenSSL"],
        "GrapnelFormat": ["GrapnelCore", "GrapnelCrypto", "Yams"],
        "GrapnelQueue": ["GrapnelCore", "GRDB", "GRDBSQLite", "Logging", "ServiceLifecycle"],
        "GrapnelIngest": lower.union(server),
        "GrapnelRun": lower.union(["CSandbox", "Logging", "ServiceLifecycle", "Subprocess"]),
        "GrapnelSend": lower.union(["CCurl", "Logging", "ServiceLifecycle"]),
        "GrapnelWeb": lower.union(server),
        "GrapnelEmulator": lower.subtracting(["GrapnelQueue"]).union(server),
        "GrapnelHandler": [],
        "grapnel": lower.union([
            "ArgumentParser", "CConnectors", "CCurl", "GrapnelEmulator", "GrapnelIngest", "GrapnelRun", "GrapnelSend",
            "GrapnelWeb",
            "Logging", "ServiceLifecycle", "UnixSignals",
        ]),
        "grapnel-bench": ["GrapnelCore", "GrapnelCrypto", "GrapnelQueue", "GrapnelRun", "ArgumentParser", "Logging"],
        "grapnel-isolate": ["CJavaScriptCore", "COpenSSL", "CPrelude", "CSandbox"],
        "CConnectors": [], "CCurl": [], "CJavaScriptCore": [], "COpenSSL": [], "CPostgres": [], "CPrelude": [],
        "CSandbox": [],
    ]

    private static let lower: Set<String> = ["GrapnelCore", "GrapnelCrypto", "GrapnelFormat", "GrapnelQueue"]
    private static let server: Set<String> = [
        "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "NIOCore", "NIOPosix", "ServiceLifecycle",
    ]
    private static let system: Set<String> = ["Glibc", "Synchronization", "FoundationEssentials"]

    static let sources = Repository.files(in: "Sources", named: [".swift"])

    @Test func `every folder of Sources has a row in the table`() {
        let folders = Set(Self.sources.compactMap { $0.folders.dropFirst().first })
        #expect(!folders.isEmpty)
        #expect(folders.subtracting(Self.table.keys).isEmpty)
    }

    @Test(arguments: table.keys.sorted()) func `a target imports only what its row names`(_ target: String) {
        let allowed = Self.table[target, default: []].union(target == "grapnel-isolate" ? ["Glibc"] : Self.system)
        for file in Self.sources where file.folders.dropFirst().first == target {
            for line in ImportLine.all(in: file) where !allowed.contains(line.module) {
                // Foundation brings ICU, so it stands only where FoundationEssentials does not exist.
                let isFallback = line.module == "Foundation" && line.isFallback
                #expect(isFallback, "\(file):\(line.number) may not import \(line.module)")
            }
        }
    }

    @Test func `only the SQLite engine imports GRDB`() {
        for file in Self.sources where !file.path.hasPrefix("Sources/GrapnelQueue/SQLite/") {
            #expect(!ImportLine.all(in: file).contains { $0.module.hasPrefix("GRDB") }, "\(file)")
        }
    }

    @Test func `tests use only what other targets may use`() {
        for file in Repository.files(in: "Tests", named: [".swift"]) {
            #expect(!ImportLine.all(in: file).contains { $0.isTestable }, "\(file)")
        }
    }
}
